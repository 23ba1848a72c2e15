import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";

/** A callback as it came from the platform: what the gateway would have got. */
export interface RecordedCallback {
  readonly headers: readonly (readonly [string, string])[];
  readonly body: Buffer;
}

/** Stands where the gateway would be, takes the platform's callbacks and keeps them, so that a test can send them altered. */
export class CallbackRecorder {
  readonly url: string;
  readonly #server: Server;
  readonly #recorded: RecordedCallback[];

  private constructor(server: Server, recorded: RecordedCallback[]) {
    this.#server = server;
    this.#recorded = recorded;
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/callback`;
  }

  static async listen(): Promise<CallbackRecorder> {
    const recorded: RecordedCallback[] = [];
    const server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", () => {
        const signed = Object.entries(request.headers).filter(([name]) => /^(wechatpay|content-type)/.test(name));
        recorded.push({
          headers: signed.map(([name, value]) => [name, String(value)] as const),
          body: Buffer.concat(chunks),
        });
        response.end("{}");
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return new CallbackRecorder(server, recorded);
  }

  /** The callbacks since the last time, oldest first. */
  take(): RecordedCallback[] {
    return this.#recorded.splice(0);
  }

  close(): Promise<void> {
    this.#server.closeAllConnections();
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }
}
