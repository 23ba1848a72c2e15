import type { Method, Runtime } from "@sampan/core";
import { GatewayErrors } from "../errors.js";

/** gRPC over HTTP/2, "Timeout": one to eight digits and a unit. */
const pattern = /^([0-9]{1,8})([HMSmun])$/;
const unitMs: Readonly<Record<string, number>> = { H: 3_600_000, M: 60_000, S: 1_000, m: 1, u: 1e-3, n: 1e-6 };

/**
 * When the request must be answered, ms since the epoch: what `Grpc-Timeout` asks for, at most `maxTimeoutMs`; else the
 * contract's default, else the process's. Throws `INVALID_HEADER`.
 */
export function deadlineOf(
  header: string | string[] | undefined,
  method: Method,
  runtime: Runtime,
  maxTimeoutMs: number,
): number {
  const now = runtime.clock.now();
  if (header === undefined) return now + (method.timeoutMs > 0 ? method.timeoutMs : runtime.defaultTimeoutMs);
  const match = pattern.exec(String(header));
  const timeout = match === null ? 0 : Number(match[1]) * (unitMs[match[2] as string] as number);
  if (timeout <= 0) {
    throw GatewayErrors.INVALID_HEADER({
      header: "Grpc-Timeout",
      why: "use a positive number and one of H, M, S, m, u, n",
    });
  }
  return now + Math.min(timeout, maxTimeoutMs);
}
