import type { Gate, Verdict } from "./gate.js";

/** What a bucket is refused with when nothing passes at all. */
const neverMs = 60_000;

/**
 * A token bucket, kept as the one time at which it would be full again (the generic cell rate algorithm, ITU-T I.371).
 * Every call moves that time on by what it costs. With room for one token it is a leaky bucket: calls leave at even
 * distances, `cost = statMs·n/count`, and one that would wait longer than `maxWaitMs` is refused (Sentinel's throttle).
 *
 * In any window of `t` seconds at most `ratePerSecond·t + burst` calls start.
 */
export class PacedBucket implements Gate {
  #costMs = 0;
  /** How far the time may lie ahead for a call that starts at once. */
  #aheadMs = 0;
  #maxWaitMs = 0;
  #fullAt = Number.NEGATIVE_INFINITY;

  constructor(ratePerSecond: number, burst: number, maxWaitMs: number) {
    this.#set(ratePerSecond, burst, maxWaitMs);
  }

  /** Hot: bench `govern`. */
  take(now: number): Verdict {
    const fullAt = this.#fullAt;
    const wait = fullAt - this.#aheadMs - now;
    if (wait <= 0) {
      this.#fullAt = Math.max(fullAt, now) + this.#costMs;
      return 0;
    }
    if (wait <= this.#maxWaitMs) {
      this.#fullAt = fullAt + this.#costMs;
      return wait;
    }
    return -wait;
  }

  idle(now: number): boolean {
    return this.#fullAt <= now;
  }

  /** Takes back the last call that was let wait; an older one's place stays empty, because others wait behind it. */
  giveBack(startsAt: number): void {
    if (Math.abs(this.#fullAt - this.#costMs - this.#aheadMs - startsAt) < 1e-6) this.#fullAt -= this.#costMs;
  }

  /** How many tokens it holds; below 0 when calls wait. */
  tokens(now: number): number {
    const burst = this.#aheadMs / this.#costMs + 1;
    return Math.min(burst, burst - (this.#fullAt - now) / this.#costMs);
  }

  /** Keeps how many tokens are used or promised, up to what the new size and wait can hold. */
  reload(ratePerSecond: number, burst: number, maxWaitMs: number, now: number): void {
    const used = Number.isFinite(this.#costMs) ? Math.max(0, this.#fullAt - now) / this.#costMs : 0;
    this.#set(ratePerSecond, burst, maxWaitMs);
    if (ratePerSecond > 0) this.#fullAt = now + Math.min(used * this.#costMs, burst * this.#costMs + maxWaitMs);
  }

  #set(ratePerSecond: number, burst: number, maxWaitMs: number): void {
    this.#maxWaitMs = maxWaitMs;
    if (ratePerSecond <= 0) {
      // Never full again, so nothing passes.
      this.#costMs = Number.POSITIVE_INFINITY;
      this.#aheadMs = 0;
      this.#fullAt = Number.POSITIVE_INFINITY;
      return;
    }
    this.#costMs = 1000 / ratePerSecond;
    this.#aheadMs = (Math.max(1, burst) - 1) * this.#costMs;
    if (this.#fullAt === Number.POSITIVE_INFINITY) this.#fullAt = Number.NEGATIVE_INFINITY;
  }
}

/** The hint of a refusal, which has no end when nothing passes. */
export function hintMs(verdict: Verdict): number {
  return verdict === Number.NEGATIVE_INFINITY ? neverMs : -verdict;
}
