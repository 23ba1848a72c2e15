import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import type { Clock } from "@sampan/core";
import { judge, type SentSms, type SmsAccount } from "./judge.js";

/** Something that goes wrong with the next message. */
export type SmsFault = "busy" | "drop-before" | "drop-after" | "hang" | "garbage";

/** A provider of short messages for development: strict where real ones are, and nothing leaves the machine. */
export interface SmsStandin {
  readonly url: URL;
  /** What would have been sent, the oldest first. */
  readonly sent: readonly SentSms[];
  /** A number whose owner wants no messages: `+8613812345678`. */
  block(to: string): void;
  fail(fault: SmsFault): void;
  close(): Promise<void>;
}

export interface SmsStandinOptions extends SmsAccount {
  readonly clock: Clock;
  /** Default 0: any. */
  readonly port?: number;
}

const maxBodyBytes = 16_384;
/** Older ones count for no limit, and a nonce of theirs is refused by its time. */
const keptMs = 86_400_000;

export async function startSmsStandin(options: SmsStandinOptions): Promise<SmsStandin> {
  const { clock, port = 0 } = options;
  let sent: SentSms[] = [];
  const nonces = new Map<string, number>();
  const blocked = new Set<string>();
  const faults: SmsFault[] = [];

  const take = (incoming: IncomingMessage, body: string): string => {
    const now = clock.now();
    for (const [nonce, at] of nonces) if (at <= now - keptMs) nonces.delete(nonce);
    sent = sent.filter(({ at }) => at > now - keptMs);
    const request = { path: incoming.url ?? "/", headers: incoming.headers, body };
    const verdict = judge(request, options, { sent, nonces: new Set(nonces.keys()), blocked }, now);
    if (verdict.nonce !== undefined) nonces.set(verdict.nonce, now);
    if (verdict.sms !== undefined) sent.push(verdict.sms);
    return verdict.code;
  };

  const server = createServer((incoming, response) => {
    readBody(incoming).then(
      (body) => {
        const fault = faults.shift();
        if (fault === "drop-before") return void incoming.socket.destroy();
        const isOurs = incoming.method === "POST" && incoming.url === "/v1/messages";
        const code = fault === "busy" ? "BUSY" : isOurs ? take(incoming, body) : "REQUEST_INVALID";
        if (fault === "drop-after") return void incoming.socket.destroy();
        if (fault === "hang") return;
        response.writeHead(code === "OK" ? 200 : 400, { "content-type": "application/json" });
        response.end(fault === "garbage" ? "<html>" : JSON.stringify({ code }));
      },
      () => incoming.socket.destroy(),
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", () => resolve());
  });
  return {
    url: new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`),
    get sent() {
      return sent;
    },
    block: (to) => void blocked.add(to),
    fail: (fault) => void faults.push(fault),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function readBody(incoming: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of incoming) {
    size += (chunk as Buffer).length;
    if (size > maxBodyBytes) throw new Error("the body is too large");
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks).toString("utf8");
}
