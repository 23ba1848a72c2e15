import { Agent as HttpAgent, request as httpRequest, type IncomingHttpHeaders, type IncomingMessage } from "node:http";
import { Agent as HttpsAgent, request as httpsRequest } from "node:https";
import type { Call, Clock } from "@sampan/core";
import { MiniProgramErrors } from "../errors.js";

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

  async send(exchange: HttpExchange, call?: Call): Promise<HttpAnswer> {
    call?.throwIfAborted();
    try {
      return await this.#once(exchange, call);
    } catch (error) {
      if (!(error instanceof DeadConnection)) throw error;
      if (!exchange.repeatable) throw MiniProgramErrors.PLATFORM_NO_ANSWER({}, { cause: error.cause });
    }
    try {
      return await this.#once(exchange, call);
    } catch (error) {
      if (!(error instanceof DeadConnection)) throw error;
      throw MiniProgramErrors.PLATFORM_NO_ANSWER({}, { cause: error.cause });
    }
  }

  close(): void {
    this.#agent.destroy();
  }

  #once(exchange: HttpExchange, call: Call | undefined): Promise<HttpAnswer> {
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
        readAnswer(response).then((answer) => {
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
