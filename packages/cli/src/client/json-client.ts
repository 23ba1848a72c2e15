import { Agent, request as httpRequest, type OutgoingHttpHeaders } from "node:http";
import type { SigningKey } from "@sampan/identity";
import { signatureHeaders } from "./request-signature.js";

export interface JsonAnswer {
  readonly status: number;
  /** The body as JSON; undefined when it was empty, its text when it was not JSON. */
  readonly body: unknown;
  /** Of the request in the platform; empty when the answer has none. */
  readonly traceId: string;
  /** Milliseconds until the whole answer was there. */
  readonly ms: number;
}

export interface JsonRequest {
  readonly body?: unknown;
  readonly token?: string | undefined;
  /** Signs the request with this key of the token's session. */
  readonly key?: SigningKey | undefined;
  readonly headers?: OutgoingHttpHeaders;
  /** Default 30000. */
  readonly timeoutMs?: number;
}

/** JSON over HTTP with kept connections, as a client of the platform would do it. */
export class JsonClient {
  readonly #base: URL;
  readonly #agent: Agent;

  /** Throws `TypeError` when the address is not one. */
  constructor(base: string, connections = 64) {
    this.#base = new URL(base);
    if (this.#base.protocol !== "http:") throw new TypeError(`${base}: only http:// addresses are supported here`);
    this.#agent = new Agent({ keepAlive: true, maxSockets: connections });
  }

  get(path: string, options: JsonRequest = {}): Promise<JsonAnswer> {
    return this.request("GET", path, options);
  }

  post(path: string, body: unknown, options: JsonRequest = {}): Promise<JsonAnswer> {
    return this.request("POST", path, { ...options, body });
  }

  /** Rejects when there is no answer: the address, and what happened, are in the message. */
  request(method: string, path: string, options: JsonRequest = {}): Promise<JsonAnswer> {
    const started = performance.now();
    const url = new URL(path, this.#base);
    const text = options.body === undefined ? "" : JSON.stringify(options.body);
    const payload = options.body === undefined ? undefined : Buffer.from(text);
    const signature =
      options.key === undefined ? {} : signatureHeaders(method, `${url.pathname}${url.search}`, text, options.key);
    const headers: OutgoingHttpHeaders = { accept: "application/json", ...signature, ...options.headers };
    if (payload !== undefined) {
      headers["content-type"] = "application/json";
      headers["content-length"] = payload.length;
    }
    if (options.token !== undefined) headers.authorization = `Bearer ${options.token}`;
    return new Promise((resolve, reject) => {
      const failed = (error: Error): void => {
        reject(new Error(`${method} ${url}: no answer (${error.message})`, { cause: error }));
      };
      const request = httpRequest(url, { method, headers, agent: this.#agent }, (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("error", failed);
        response.on("end", () => {
          resolve({
            status: response.statusCode ?? 0,
            body: parsed(Buffer.concat(chunks).toString("utf8")),
            traceId: String(response.headers["trace-id"] ?? ""),
            ms: performance.now() - started,
          });
        });
      });
      const timeoutMs = options.timeoutMs ?? 30_000;
      request.setTimeout(timeoutMs, () => request.destroy(new Error(`nothing for ${timeoutMs} ms`)));
      request.on("error", failed);
      request.end(payload);
    });
  }

  /** Ends the kept connections. */
  close(): void {
    this.#agent.destroy();
  }
}

function parsed(text: string): unknown {
  if (text === "") return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
