import http from "node:http";
import https from "node:https";
import { EngineErrors, reasonOf } from "../errors.js";
import { Endpoints } from "./endpoints.js";
import { readBody } from "./read-body.js";
import { readLines } from "./read-lines.js";

export interface TlsFiles {
  /** PEM. */
  readonly ca?: string | undefined;
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
}

export interface HttpClientOptions {
  /** The engine's name, for messages. */
  readonly engine: string;
  /** `http://host:port`, tried in this order. */
  readonly endpoints: readonly string[];
  /** Asked for each request, so that credentials may rotate. */
  readonly headers?: (() => Promise<Readonly<Record<string, string>>>) | undefined;
  readonly tls?: (() => Promise<TlsFiles>) | undefined;
  /** For one try of a request, in ms. Default 5000. */
  readonly timeoutMs?: number | undefined;
  /** Default 8 MiB. */
  readonly maxAnswerBytes?: number | undefined;
  /** Connections to one server at a time; more requests wait. Default 256. */
  readonly maxConnections?: number | undefined;
}

export interface HttpRequest {
  readonly method: "GET" | "PUT" | "POST" | "DELETE";
  readonly path: string;
  /** Sent as it is; with a `content-type` of the caller's. */
  readonly body?: string | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly timeoutMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: string;
}

/** Longest text of a refusal that is kept. */
const refusalBytes = 4096;

/**
 * Requests to an engine that has one or more addresses. A server that cannot be reached, does not answer in time or says
 * that it is not able to (500, 502, 503, 504) is left for the next one, each tried once: what is sent here must bear being
 * sent twice. Fails with `UNREACHABLE`, `TOO_LARGE`, or with the signal's reason. An answer of any other status is an answer.
 */
export class HttpClient {
  readonly #options: HttpClientOptions;
  readonly #endpoints: Endpoints;
  readonly #agents: { readonly http: http.Agent; readonly https: https.Agent };
  readonly #requests = new Set<http.ClientRequest>();
  #closed = false;

  constructor(options: HttpClientOptions) {
    this.#options = options;
    this.#endpoints = new Endpoints(options.engine, options.endpoints);
    const pool = {
      keepAlive: true,
      keepAliveMsecs: 5000,
      maxSockets: options.maxConnections ?? 256,
      maxFreeSockets: 4,
    };
    this.#agents = { http: new http.Agent(pool), https: new https.Agent(pool) };
  }

  /** The whole answer. */
  async request(request: HttpRequest): Promise<HttpAnswer> {
    return this.#onAny(request, async (response) => {
      const limit = this.#options.maxAnswerBytes ?? 8 * 1024 * 1024;
      const body = await readBody(response, limit);
      if (body === undefined) throw this.#tooLarge(request, limit);
      return { status: response.statusCode ?? 0, headers: response.headers, body };
    });
  }

  /**
   * The lines of an answer that does not end, once its head is there. Fails with `REFUSED` for a status other than 200. The
   * timeout is for the head; ends with an error when the connection breaks, with the signal, or when a line is longer
   * than an answer may be. Leaving the loop closes the connection.
   */
  async stream(request: HttpRequest): Promise<AsyncIterable<string>> {
    const limit = this.#options.maxAnswerBytes ?? 8 * 1024 * 1024;
    return this.#onAny(request, async (response) => {
      if (response.statusCode === 200) return readLines(response, limit, () => this.#tooLarge(request, limit));
      const why = (await readBody(response, refusalBytes)) ?? "";
      throw this.refused(response.statusCode ?? 0, why);
    });
  }

  refused(status: number, why: string): Error {
    const { engine } = this.#options;
    return EngineErrors.REFUSED({ engine, status: `${status}`, why: why.trim().slice(0, 300) || "no reason given" });
  }

  /** Ends everything that is under way, and the connections. */
  close(): void {
    this.#closed = true;
    for (const request of this.#requests) request.destroy(new Error("the client was closed"));
    this.#agents.http.destroy();
    this.#agents.https.destroy();
  }

  async #onAny<T>(request: HttpRequest, use: (response: http.IncomingMessage) => Promise<T>): Promise<T> {
    let failure: unknown;
    for (let tried = 0; tried < this.#endpoints.count; tried++) {
      request.signal?.throwIfAborted();
      const endpoint = this.#endpoints.current;
      try {
        return await this.#on(endpoint, request, use);
      } catch (error) {
        request.signal?.throwIfAborted();
        if (error instanceof Unable || !isOurs(error)) this.#endpoints.moveFrom(endpoint);
        else throw error;
        failure =
          error instanceof Unable
            ? this.refused(error.status, error.message)
            : EngineErrors.UNREACHABLE(
                { engine: this.#options.engine, address: endpoint.host, why: reasonOf(error) },
                { cause: error },
              );
      }
    }
    throw failure;
  }

  /** One try at one server. */
  async #on<T>(endpoint: URL, request: HttpRequest, use: (response: http.IncomingMessage) => Promise<T>): Promise<T> {
    if (this.#closed) throw new Error("the client is closed");
    const [headers, tls] = await Promise.all([this.#options.headers?.(), this.#options.tls?.()]);
    const secure = endpoint.protocol === "https:";
    const url = new URL(endpoint.pathname.replace(/\/$/, "") + request.path, endpoint);
    const body = request.body === undefined ? {} : { "content-length": `${Buffer.byteLength(request.body)}` };
    const sent = (secure ? https : http).request(url, {
      method: request.method,
      agent: secure ? this.#agents.https : this.#agents.http,
      headers: { accept: "application/json", ...body, ...headers, ...request.headers },
      ...(request.signal === undefined ? {} : { signal: request.signal }),
      ...(secure ? tls : {}),
    });
    this.#requests.add(sent);
    sent.on("close", () => this.#requests.delete(sent));
    const timeoutMs = request.timeoutMs ?? this.#options.timeoutMs ?? 5000;
    const late = setTimeout(() => sent.destroy(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs);
    try {
      const response = await answerTo(sent, request.body);
      const status = response.statusCode ?? 0;
      if (status >= 500 && status !== 501) throw new Unable(status, (await readBody(response, refusalBytes)) ?? "");
      return await use(response);
    } catch (error) {
      sent.destroy();
      throw error;
    } finally {
      clearTimeout(late);
    }
  }

  #tooLarge(request: HttpRequest, limit: number): Error {
    const what = request.path.split("?")[0] ?? "";
    return EngineErrors.TOO_LARGE({ engine: this.#options.engine, what, limit: `${limit}` });
  }
}

/** A server that says it cannot serve at the moment. */
class Unable extends Error {
  readonly status: number;
  constructor(status: number, why: string) {
    super(why);
    this.status = status;
  }
}

function isOurs(error: unknown): boolean {
  return EngineErrors.TOO_LARGE.is(error) || EngineErrors.REFUSED.is(error);
}

function answerTo(sent: http.ClientRequest, body: string | undefined): Promise<http.IncomingMessage> {
  return new Promise((resolve, reject) => {
    sent.once("response", resolve);
    // Stays for good: an error that comes after the head must not end the process.
    sent.on("error", reject);
    sent.once("socket", (socket) => socket.setKeepAlive(true, 5000));
    sent.end(body);
  });
}
