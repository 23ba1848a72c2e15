import { MiniProgramErrors } from "../../errors.js";

/** An amount as the platform's JSON integer. Throws `AMOUNT_UNSUPPORTED` outside 1 to 2^53-1. */
export function wireAmount(amount: bigint): number {
  if (amount < 1n || amount > BigInt(Number.MAX_SAFE_INTEGER)) {
    throw MiniProgramErrors.AMOUNT_UNSUPPORTED({ amount: String(amount) });
  }
  return Number(amount);
}

const chinaOffsetMs = 8 * 3_600_000;

/** Milliseconds since the epoch as RFC 3339 in whole seconds and in the platform's own time zone. */
export function wireTime(time: number): string {
  return `${new Date(time + chinaOffsetMs).toISOString().slice(0, 19)}+08:00`;
}
