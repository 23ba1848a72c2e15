import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** What the stand-ins of registries that speak HTTP have in common: a server on a free port, and faults for tests. */
export abstract class HttpStandin {
  /** Requests so far. */
  asked = 0;
  /** Answers every request with this status instead. */
  failWith = 0;
  /** Answers questions about instances with this text instead. */
  garbage: string | undefined;
  readonly #server: Server;

  constructor() {
    this.#server = createServer((request, response) => {
      this.asked++;
      this.answer(request, response).catch((error) => end(response, 500, String(error)));
    });
  }

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  protected abstract answer(request: IncomingMessage, response: ServerResponse): Promise<void>;
}

export async function read(request: IncomingMessage): Promise<string> {
  let body = "";
  for await (const chunk of request) body += chunk;
  return body;
}

export function end(response: ServerResponse, status: number, body: string): void {
  response.statusCode = status;
  response.end(body);
}
