export interface BudgetPolicy {
  /** Extra tries that each call pays for. */
  readonly ratio: number;
  /** Extra tries a second that nobody pays for. */
  readonly minPerSecond: number;
  /** Extra tries that can be saved up. */
  readonly burst: number;
}

/** What is lost when many small deposits are added up in floating point. */
const rounding = 1e-9;

/**
 * Keeps retries and hedges from multiplying the load on something that is failing: however many calls fail, extra tries
 * never exceed `burst + ratio × calls + minPerSecond × seconds`. Starts full.
 *
 * A decider: `now` is monotonic ms. One budget may be shared by the retry and the hedge of a rule; only the outer of the
 * two then deposits.
 */
export class TryBudget {
  #policy: BudgetPolicy;
  #tokens: number;
  /** When `minPerSecond` was last paid out; not before the first extra try, which meets a full budget. */
  #paidAt = Number.POSITIVE_INFINITY;

  constructor(policy: BudgetPolicy) {
    this.#policy = policy;
    this.#tokens = policy.burst;
  }

  get tokens(): number {
    return this.#tokens;
  }

  /** Hot: a call has been made. */
  deposit(): void {
    const { burst, ratio } = this.#policy;
    this.#tokens = Math.min(burst, this.#tokens + ratio);
  }

  /** Whether an extra try may be made, which is then paid. */
  withdraw(now: number): boolean {
    const { burst, minPerSecond } = this.#policy;
    const elapsed = Math.max(0, now - this.#paidAt);
    this.#paidAt = now;
    this.#tokens = Math.min(burst, this.#tokens + (elapsed / 1000) * minPerSecond);
    if (this.#tokens < 1 - rounding) return false;
    this.#tokens = Math.max(0, this.#tokens - 1);
    return true;
  }

  /** What is saved up stays, as far as the new limit allows. */
  reload(policy: BudgetPolicy): void {
    this.#policy = policy;
    this.#tokens = Math.min(this.#tokens, policy.burst);
  }
}
