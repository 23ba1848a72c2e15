import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Logger } from "@sampan/core/ports";
import { dropped, json, type Route, type StandinReply, type StandinRequest } from "./exchange.js";

/** Larger requests are answered 413. The platform's own are a few hundred bytes. */
const maxBodyBytes = 64 * 1024;

/** The stand-in's HTTP/1.1 server: reads a request whole, finds its route, writes the reply. */
export class StandinServer {
  readonly #server: Server;
  readonly #routes: readonly Route[];
  readonly #logger: Logger;

  constructor(routes: readonly Route[], logger: Logger) {
    this.#routes = routes;
    this.#logger = logger;
    this.#server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
      void this.#serve(request, response);
    });
  }

  /** Resolves to the address once it takes connections; rejects when the port is taken. */
  listen(host: string, port: number): Promise<string> {
    return new Promise((resolve, reject) => {
      this.#server.once("error", reject);
      this.#server.listen(port, host, () => {
        this.#server.off("error", reject);
        const { port: bound } = this.#server.address() as AddressInfo;
        resolve(`http://${host.includes(":") ? `[${host}]` : host}:${bound}`);
      });
    });
  }

  /** Cuts all connections, also those that wait for an answer. */
  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.close(() => resolve());
      this.#server.closeAllConnections();
    });
  }

  async #serve(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const request = await read(incoming);
      const reply = request === undefined ? json(413, { error: "the body is too large" }) : await this.#route(request);
      write(response, reply);
    } catch (error) {
      if (error === dropped) {
        incoming.socket.destroy();
        return;
      }
      // Only the path's first part: the rest, and the query, may hold secrets.
      this.#logger.error("stand-in failed", { path: `/${incoming.url?.split(/[/?]/)[1] ?? ""}`, error: String(error) });
      if (!response.headersSent) write(response, json(500, { code: "SYSTEM_ERROR", message: "stand-in failed" }));
    }
  }

  async #route(request: StandinRequest): Promise<StandinReply> {
    let otherMethod = false;
    for (const route of this.#routes) {
      const match = route.path.exec(request.path);
      if (match === null) continue;
      if (route.method !== request.method) otherMethod = true;
      else if (route.accepts?.(request) !== false) return route.handle(request, match.slice(1).map(decoded));
    }
    return otherMethod ? json(405, { error: "method not allowed" }) : json(404, { error: "no such path" });
  }
}

async function read(incoming: IncomingMessage): Promise<StandinRequest | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of incoming) {
    size += (chunk as Buffer).length;
    if (size <= maxBodyBytes) chunks.push(chunk as Buffer);
  }
  if (size > maxBodyBytes) return undefined;
  const target = incoming.url ?? "/";
  const mark = target.indexOf("?");
  return {
    method: incoming.method ?? "",
    target,
    path: mark < 0 ? target : target.slice(0, mark),
    query: new URLSearchParams(mark < 0 ? "" : target.slice(mark + 1)),
    headers: incoming.headers,
    body: Buffer.concat(chunks),
  };
}

function write(response: ServerResponse, reply: StandinReply): void {
  const length = reply.status === 204 ? {} : { "content-length": Buffer.byteLength(reply.body) };
  response.writeHead(reply.status, { ...reply.headers, ...length });
  response.end(reply.status === 204 ? undefined : reply.body);
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
