import { Agent as HttpAgent, request as httpRequest, type IncomingHttpHeaders, type IncomingMessage } from "node:http";
import { Agent as HttpsAgent, request as httpsRequest } from "node:https";
import type { Call, Clock } from "@sampan/core";
import { MiniProgramErrors } from "./errors.js";

export interface HttpExchange {
  readonly method: "GET" | "POST";
  /** With its query. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** May be sent twice, which is done once when a kept connection turns out to be dead. */
  readonly repeatable: boolean;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** An answer whose body is still on its way. Whoever got it reads the body to its end, or `return`s its iterator. */
export interface HttpStream {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: AsyncGenerator<Buffer>;
}

export interface HttpEndpointOptions {
  readonly url: string;
  readonly maxSockets: number;
  /** Of one exchange, ms, waiting for a connection included. */
  readonly timeoutMs: number;
  readonly clock: Clock;
}

/** Answers are small; one that is not comes from somebody else. */
const maxAnswerBytes = 1 << 20;

/**
 * One host, over connections that are kept. `send` rejects with the call's error when the call is aborted, with
 * `PLATFORM_UNREACHABLE` when nothing was sent, else with `PLATFORM_NO_ANSWER`. Errors never hold the path (it
 * carries secrets in its query) or the body.
 */
export class HttpEndpoint {
  readonly #url: URL;
  readonly #agent: HttpAgent | HttpsAgent;
  readonly #timeoutMs: number;
  readonly #clock: Clock;

  constructor(options: HttpEndpointOptions) {
    this.#url = new URL(options.url);
    const kept = { keepAlive: true, maxSockets: options.maxSockets, scheduling: "lifo" as const };
    this.#agent =
      this.#url.protocol === "https:" ? new HttpsAgent({ ...kept, minVersion: "TLSv1.2" }) : new HttpAgent(kept);
    this.#timeoutMs = options.timeoutMs;
    this.#clock = options.clock;
  }

  send(exchange: HttpExchange, call?: Call): Promise<HttpAnswer> {
    return this.#twice(exchange, call, readAnswer);
  }

  /**
   * The same for an answer that may be long: resolves at its head. The time limit then holds for each wait for more of
   * the body, not for the time that its reader takes.
   */
  stream(exchange: HttpExchange, call?: Call): Promise<HttpStream> {
    return this.#twice(exchange, call, (response) => {
      const { statusCode = 0, headers } = response;
      return Promise.resolve({ status: statusCode, headers, body: this.#body(response, call) });
    });
  }

  close(): void {
    this.#agent.destroy();
  }

  async #twice<T>(exchange: HttpExchange, call: Call | undefined, read: ReadAnswer<T>): Promise<T> {
    call?.throwIfAborted();
    try {
      return await this.#once(exchange, call, read);
    } catch (error) {
      if (!(error instanceof DeadConnection)) throw error;
      if (!exchange.repeatable) throw MiniProgramErrors.PLATFORM_NO_ANSWER({}, { cause: error.cause });
    }
    try {
      return await this.#once(exchange, call, read);
    } catch (error) {
      if (!(error instanceof DeadConnection)) throw error;
      throw MiniProgramErrors.PLATFORM_NO_ANSWER({}, { cause: error.cause });
    }
  }

  async *#body(response: IncomingMessage, call: Call | undefined): AsyncGenerator<Buffer> {
    const chunks = response[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
    try {
      for (;;) {
        const tooLong = (): void => void response.destroy(new Error("time limit of the exchange"));
        const stopTimer = this.#clock.timer(this.#timeoutMs, tooLong, { background: true });
        const chunk = await chunks.next().finally(stopTimer);
        if (chunk.done) return;
        yield chunk.value;
      }
    } catch (cause) {
      call?.throwIfAborted();
      throw MiniProgramErrors.PLATFORM_NO_ANSWER({}, { cause });
    } finally {
      response.destroy();
    }
  }

  #once<T>(exchange: HttpExchange, call: Call | undefined, read: ReadAnswer<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      let sent = false;
      const start = this.#url.protocol === "https:" ? httpsRequest : httpRequest;
      const request = start({
        agent: this.#agent,
        hostname: hostOf(this.#url),
        port: this.#url.port,
        method: exchange.method,
        path: exchange.path,
        headers: {
          accept: "application/json",
          "user-agent": "sampan-miniprogram",
          ...(exchange.body === undefined
            ? {}
            : { "content-type": "application/json", "content-length": Buffer.byteLength(exchange.body) }),
          ...exchange.headers,
        },
      });
      const stopTimer = this.#clock.timer(this.#timeoutMs, () => fail(new Error("time limit of the exchange")), {
        background: true,
      });
      const fail = (cause: Error): void => {
        stopTimer();
        const dead = request.reusedSocket && (cause as NodeJS.ErrnoException).code === "ECONNRESET";
        if (dead) reject(new DeadConnection(cause));
        else if (sent) reject(MiniProgramErrors.PLATFORM_NO_ANSWER({}, { cause }));
        else reject(MiniProgramErrors.PLATFORM_UNREACHABLE({}, { cause }));
        request.destroy();
      };
      request.on("socket", (socket) => {
        if (!socket.connecting) sent = true;
        else socket.once(this.#url.protocol === "https:" ? "secureConnect" : "connect", () => (sent = true));
      });
      request.on("error", fail);
      request.on("response", (response) => {
        read(response).then((answer) => {
          stopTimer();
          resolve(answer);
        }, fail);
      });
      call?.onAbort((error) => {
        stopTimer();
        reject(error);
        request.destroy();
      });
      request.end(exchange.body);
    });
  }
}

/** A kept connection that the other side had closed meanwhile. */
class DeadConnection extends Error {
  constructor(cause: unknown) {
    super("the kept connection was closed", { cause });
  }
}

type ReadAnswer<T> = (response: IncomingMessage) => Promise<T>;

async function readAnswer(response: IncomingMessage): Promise<HttpAnswer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response) {
    size += (chunk as Buffer).length;
    if (size > maxAnswerBytes) throw new Error(`the answer is longer than ${maxAnswerBytes} bytes`);
    chunks.push(chunk as Buffer);
  }
  return { status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) };
}

/** `URL` writes IPv6 hosts in brackets, sockets want them without. */
function hostOf(url: URL): string {
  return url.hostname.replace(/^\[(.*)\]$/, "$1");
}
