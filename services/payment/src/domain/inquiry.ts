import type { Payment } from "./payment.js";

/** What the platform says of a pay order; `unknown`: it has none of this number. */
export type ToldPayOrder = "unpaid" | "paying" | "paid" | "refunded" | "closed" | "failed" | "unknown";

/** Something that the platform has not told us about: it is asked, more and more seldom. */
export interface Inquiry {
  readonly kind: "pay-order" | "refund";
  /** The order, or the refund. */
  readonly reference: string;
  /** Milliseconds since the epoch: since when the answer is waited for. */
  readonly since: number;
  /** When to ask next. */
  readonly askAt: number;
  /** How often it was asked. */
  readonly asks: number;
  /** Whose call it was; the platform may have an account for each tenant. */
  readonly tenant: string;
}

/** Waits before the first, second, … question, in ms; the last is repeated. At least one. */
export interface AskingTimes {
  readonly payOrder: readonly number[];
  readonly refund: readonly number[];
}

/** How long after its expiry a pay order is closed from here: its order closes it at once when it can. */
export const expiryGraceMs = 30_000;

/** After its expiry a pay order is asked for this often at least: money may hang on it. */
const afterExpiryMs = 10 * 60_000;

/** How long a payment that is being made holds up the closing of an expired order. */
const payingMs = 60 * 60_000;

/** When a question is due that was asked `asks` times before. `expiresAt`: of a pay order. */
export function askAt(waits: readonly number[], asks: number, now: number, expiresAt?: number): number {
  const wait = waits[Math.min(asks, waits.length - 1)] ?? afterExpiryMs;
  if (expiresAt === undefined) return now + wait;
  const closing = expiresAt + expiryGraceMs;
  return now < closing ? Math.min(now + wait, closing) : now + Math.min(wait, afterExpiryMs);
}

/**
 * What to do with a pay order, after the platform said how it stands there.
 *
 * - `settle`: it was paid
 * - `close`: it is not wanted any more, or has expired; whoever pays at this moment is faster, and the platform says so
 * - `end`: it cannot be paid any more
 * - `wait`: ask again later
 */
export type PayOrderStep = "settle" | "close" | "end" | "wait";

export function payOrderStep(
  payment: Pick<Payment, "status" | "charged" | "expiresAt">,
  told: ToldPayOrder,
  now: number,
): PayOrderStep {
  if (payment.charged > 0n) return "end";
  const expired = now >= payment.expiresAt + expiryGraceMs;
  switch (told) {
    case "paid":
    case "refunded":
      return "settle";
    case "closed":
      return "end";
    case "unknown":
      // Its creation may be under way.
      return expired ? "end" : "wait";
    case "paying":
      return now >= payment.expiresAt + payingMs ? "close" : "wait";
    case "unpaid":
    case "failed":
      return expired || payment.status === "voided" ? "close" : "wait";
  }
}
