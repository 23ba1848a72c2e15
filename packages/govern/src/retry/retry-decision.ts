import { Code } from "@sampan/core";
import { hasStatus, type StatusSet } from "../status-words.js";
import { type BackoffPolicy, backoffMs } from "./backoff.js";
import type { TryBudget } from "./try-budget.js";

/** Why there is no further try. The first three are ordinary; the others are reported. */
export type NoRetry =
  | "status"
  | "attempts"
  | "not-idempotent"
  | "requests-not-kept"
  | "pushed-back"
  | "deadline"
  | "budget";

export const ordinary: ReadonlySet<NoRetry> = new Set<NoRetry>(["status", "attempts", "not-idempotent"]);

export interface RetryRules {
  readonly attempts: number;
  readonly on: StatusSet;
  readonly backoff: BackoffPolicy;
}

/** What is known when a try has failed. */
export interface FailedTry {
  readonly code: Code;
  /** Tries that have been made, with this one. */
  readonly tries: number;
  /** The try's own timeout ended it, and not the call's. */
  readonly timedOut: boolean;
  /** Doing the work twice is harmless, or no try so far has reached a handler. */
  readonly repeatable: boolean;
  /** The request stream can be sent again from its start; true when there is none. */
  readonly replayable: boolean;
  /** Value of `grpc-retry-pushback-ms`: an exact wait; anything that is no whole number from 0 says: not again (gRFC A6). */
  readonly pushback: string | undefined;
  /** The wait that the error asks for at least (`google.rpc.RetryInfo`). */
  readonly retryAfterMs: number | undefined;
  /** The wait before this try, without what the server asked for. */
  readonly previousMs: number;
  /** Until the call's deadline. */
  readonly remainingMs: number;
  /** What a try usually takes, 0 when it is not known: the deadline must hold the wait and that. */
  readonly usualMs: number;
}

export interface Retry {
  readonly waitMs: number;
  /** What `previousMs` of the next failure is. */
  readonly backoffMs: number;
}

/** Whether a failed try is followed by another, and when. Takes from the budget only when it is. */
export function decideRetry(
  rules: RetryRules,
  failed: FailedTry,
  budget: TryBudget,
  random: number,
  now: number,
): Retry | NoRetry {
  if (!hasStatus(rules.on, failed.code) && !(failed.timedOut && failed.code === Code.DeadlineExceeded)) return "status";
  if (failed.tries >= rules.attempts) return "attempts";
  if (!failed.repeatable) return "not-idempotent";
  if (!failed.replayable) return "requests-not-kept";
  const backoff = backoffMs(rules.backoff, failed.tries, failed.previousMs, random);
  let waitMs = Math.max(backoff, failed.retryAfterMs ?? 0);
  if (failed.pushback !== undefined) {
    if (!/^\d{1,15}$/.test(failed.pushback)) return "pushed-back";
    waitMs = Number(failed.pushback);
  }
  if (waitMs + failed.usualMs >= failed.remainingMs) return "deadline";
  return budget.withdraw(now) ? { waitMs, backoffMs: backoff } : "budget";
}
