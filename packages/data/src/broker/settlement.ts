import { type Backoff, backoffMs } from "./backoff.js";

/** A delivery in work, as the queue knows it. */
export interface Claim {
  readonly deliveryId: number;
  readonly groupId: number;
  readonly seq: number;
  readonly key: string;
  /** 1 at the first delivery. */
  readonly attempt: number;
}

/** How a delivery in work ended. */
export type Outcome =
  | { readonly type: "done" }
  /** The handler rejected. */
  | { readonly type: "failed"; readonly error: string }
  /** No answer within the visibility timeout. */
  | { readonly type: "expired"; readonly error: string }
  /** The consumer goes away; its unanswered attempt does not count. */
  | { readonly type: "released" };

/** What to write for it. */
export type Settlement =
  | { readonly type: "acknowledge"; readonly claim: Claim }
  | {
      readonly type: "return";
      readonly claim: Claim;
      readonly attempt: number;
      readonly dueAt: number;
      readonly error: string;
    }
  | { readonly type: "bury"; readonly claim: Claim; readonly at: number; readonly error: string };

export interface SettlementPolicy {
  readonly maxAttempts: number;
  readonly backoff: Backoff;
}

/**
 * What becomes of a delivery: acknowledged, returned to the queue for a later time, or buried as a dead letter. Pure.
 *
 * An expired delivery returns at once: it has waited for the whole visibility timeout already. A failed one waits for
 * its backoff, and blocks its key meanwhile. An attempt counts from its claim, so that a message that kills the process
 * ends as a dead letter too.
 */
export function settle(
  claim: Claim,
  outcome: Outcome,
  policy: SettlementPolicy,
  now: number,
  random: number,
): Settlement {
  if (outcome.type === "done") return { type: "acknowledge", claim };
  if (outcome.type === "released") {
    return { type: "return", claim, attempt: claim.attempt - 1, dueAt: now, error: "" };
  }
  const { error } = outcome;
  if (claim.attempt >= policy.maxAttempts) return { type: "bury", claim, at: now, error };
  const wait = outcome.type === "expired" ? 0 : backoffMs(policy.backoff, claim.attempt, random);
  return { type: "return", claim, attempt: claim.attempt, dueAt: now + wait, error };
}
