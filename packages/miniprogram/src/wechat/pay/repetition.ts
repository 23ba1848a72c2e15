import { MiniProgramErrors } from "../../errors.js";

/** What to do after a failed exchange: give up, or repeat it, maybe at the next host, after a while. */
export type Repetition = "give-up" | { readonly waitMs: number; readonly nextHost: boolean };

export interface FailedExchange {
  readonly error: unknown;
  /** The platform takes the same request twice as one. */
  readonly repeatable: boolean;
  /** How often it was sent, or tried to be, so far: 1 and up. */
  readonly attempts: number;
  /** Hosts that were not tried since the last answer. */
  readonly hostsLeft: number;
  /** Before the second, third, … attempt at a platform that is busy. */
  readonly waitsMs: readonly number[];
  /** 0 to 1, so that processes that failed together do not come back together. */
  readonly random: number;
}

/**
 * The rules, by what happened:
 *
 * | what                                             | becomes                  | here                                |
 * | ------------------------------------------------ | ------------------------ | ----------------------------------- |
 * | nothing was sent                                 | `PLATFORM_UNREACHABLE`   | next host at once                   |
 * | sent, no answer                                  | `PLATFORM_NO_ANSWER`     | next host at once, if repeatable    |
 * | `SYSTEM_ERROR`, `BANK_ERROR`, 5xx                | `PLATFORM_BUSY`          | same host after a wait, if repeatable |
 * | `FREQUENCY_LIMITED`, `RATELIMIT_EXCEEDED`, 429   | `RATE_LIMITED`           | never: sooner makes it worse        |
 * | `STATEMENT_CREATING`                             | `BILL_NOT_READY`         | never: hours, not seconds           |
 * | everything else                                  | `PAY_*`, `REFUND_*`, …   | never: the answer stays the same    |
 */
export function repetition(failed: FailedExchange): Repetition {
  const { error, repeatable } = failed;
  if (MiniProgramErrors.PLATFORM_UNREACHABLE.is(error)) {
    return failed.hostsLeft > 0 ? { waitMs: 0, nextHost: true } : "give-up";
  }
  if (!repeatable) return "give-up";
  if (MiniProgramErrors.PLATFORM_NO_ANSWER.is(error)) {
    return failed.hostsLeft > 0 ? { waitMs: 0, nextHost: true } : "give-up";
  }
  const wait = failed.waitsMs[failed.attempts - 1];
  if (!MiniProgramErrors.PLATFORM_BUSY.is(error) || wait === undefined) return "give-up";
  return { waitMs: wait * (0.5 + failed.random / 2), nextHost: false };
}
