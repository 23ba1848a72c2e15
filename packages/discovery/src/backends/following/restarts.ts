export interface RestartPolicy {
  /** Before the first new try, in ms; doubles with each. Default 100. */
  readonly firstMs?: number;
  /** Default 10000. */
  readonly maxMs?: number;
  /** A session that has lasted so long was a good one, in ms. Default 5000. */
  readonly stableMs?: number;
  /** `refresh` asks again at most so often, in ms. Default 1000. */
  readonly minRefreshMs?: number;
}

/** When a registry is asked again. A decider: every wait is jittered and grows, so that no caller asks in a tight loop. */
export class Restarts {
  readonly #policy: Required<RestartPolicy>;
  readonly #random: () => number;
  #short = 0;
  #startedAt = 0;

  constructor(policy: RestartPolicy, random: () => number) {
    this.#policy = { firstMs: 100, maxMs: 10_000, stableMs: 5000, minRefreshMs: 1000, ...policy };
    this.#random = random;
  }

  started(now: number): void {
    this.#startedAt = now;
  }

  /** The session has ended and wants to wait so long. */
  ended(now: number, waitMs: number): number {
    if (waitMs > 0) {
      this.#short = 0;
      return waitMs * (0.9 + 0.2 * this.#random());
    }
    return this.#afterBreak(now);
  }

  failed(now: number): number {
    return this.#afterBreak(now);
  }

  /** ms until a look may begin that somebody has asked for. */
  refreshIn(now: number): number {
    return Math.max(0, this.#startedAt + this.#policy.minRefreshMs - now);
  }

  #afterBreak(now: number): number {
    if (now - this.#startedAt >= this.#policy.stableMs) this.#short = 0;
    const longest = Math.min(this.#policy.maxMs, this.#policy.firstMs * 2 ** Math.min(this.#short, 20));
    this.#short++;
    return longest * (0.5 + 0.5 * this.#random());
  }
}
