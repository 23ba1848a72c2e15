import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Load } from "./load.js";

export interface H2loadOptions {
  readonly method: "Unary" | "ServerStream";
  /** The request message, encoded. */
  readonly message: Uint8Array;
  readonly connections: number;
  readonly inFlight: number;
  readonly tls?: boolean;
  readonly headers?: readonly string[];
}

const folder = mkdtempSync(join(tmpdir(), "sampan-bench-"));
process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
let files = 0;

/** nghttp2's generator, with one fixed gRPC request. It cannot vary headers, and counts answers by their HTTP status. */
export function h2load({ method, message, connections, inFlight, tls, headers = [] }: H2loadOptions): Load {
  const file = join(folder, `request-${files++}`);
  const prefix = Buffer.alloc(5);
  prefix.writeUInt32BE(message.length, 1);
  writeFileSync(file, Buffer.concat([prefix, message]));
  const all = ["te: trailers", "content-type: application/grpc", ...headers].flatMap((header) => ["-H", header]);
  return {
    program: (port, seconds) => ({
      command: [
        ...["h2load", "-D", String(seconds), "--warm-up-time", "1", "-c", String(connections)],
        ...["-m", String(inFlight), "-d", file, ...all],
        `${tls === true ? "https" : "http"}://127.0.0.1:${port}/bench.v1.Bench/${method}`,
      ],
    }),
    parse(output) {
      const rate = /finished in [^,]+, ([\d.]+) req\/s/.exec(output)?.[1];
      const bad = /(\d+) failed, (\d+) errored, (\d+) timeout/.exec(output)?.slice(1);
      const codes = /(\d+) 3xx, (\d+) 4xx, (\d+) 5xx/.exec(output)?.slice(1);
      if (rate === undefined || Number(rate) === 0 || ![...(bad ?? ["1"]), ...(codes ?? ["1"])].every((n) => n === "0"))
        throw new Error(`h2load had calls that failed:\n${output}`);
      return { callsPerSecond: Number(rate) };
    },
  };
}
