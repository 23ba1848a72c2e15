import { createServer, request as httpRequest, type Server } from "node:http";
import type { AddressInfo } from "node:net";

/** A callback of the platform, and the answer that it got. */
export interface Exchange {
  readonly status: number;
  readonly contentType: string;
  readonly text: string;
  /** What was sent, to be sent again as it was or altered. */
  readonly sent: { readonly headers: Readonly<Record<string, string>>; readonly body: Buffer };
}

/** Stands between the platform and the gateway, passes everything on as it is, and keeps it. */
export class CallbackRelay {
  readonly url: string;
  readonly exchanges: Exchange[] = [];
  /** The gateway, when it is there. */
  target = "";
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/pay/callback`;
  }

  static async listen(): Promise<CallbackRelay> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const relay = new CallbackRelay(server);
    server.on("request", (request, response) => {
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", () => {
        const headers = Object.fromEntries(
          Object.entries(request.headers).filter(([name]) => !hopByHop.has(name)),
        ) as Record<string, string>;
        relay.post(headers, Buffer.concat(chunks)).then(
          ({ status, contentType, text }) => response.writeHead(status, { "content-type": contentType }).end(text),
          () => response.destroy(),
        );
      });
    });
    return relay;
  }

  /** Sends a callback to the gateway, as the platform would, and keeps it with its answer. */
  post(headers: Readonly<Record<string, string>>, body: Buffer): Promise<Exchange> {
    return new Promise((resolve, reject) => {
      const all = { ...headers, "content-length": body.length };
      const request = httpRequest(`${this.target}/v1/pay/callback`, { method: "POST", headers: all }, (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("error", reject);
        response.on("end", () => {
          const exchange = {
            status: response.statusCode ?? 0,
            contentType: response.headers["content-type"] ?? "",
            text: Buffer.concat(chunks).toString(),
            sent: { headers, body },
          };
          this.exchanges.push(exchange);
          resolve(exchange);
        });
      });
      request.on("error", reject);
      request.end(body);
    });
  }

  close(): Promise<void> {
    this.#server.closeAllConnections();
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }
}

const hopByHop = new Set(["host", "connection", "content-length", "keep-alive", "transfer-encoding"]);
