import type { Gate, Verdict } from "./gate.js";
import { PacedBucket } from "./paced-bucket.js";

/** How long it takes from cold to warm, and how much slower cold is: Sentinel's defaults are 10 s and 3. */
export interface WarmUp {
  readonly ratePerSecond: number;
  readonly warmUpMs: number;
  readonly coldFactor: number;
}

/** The numbers of Sentinel's warm-up (its WarmUpController; after Guava's SmoothWarmingUp). */
export interface WarmUpCurve {
  /** Stored tokens below which the full rate holds. */
  readonly warningTokens: number;
  readonly maxTokens: number;
  readonly slope: number;
}

export function warmUpCurve({ ratePerSecond: count, warmUpMs, coldFactor }: WarmUp): WarmUpCurve {
  const period = warmUpMs / 1000;
  const warningTokens = (period * count) / (coldFactor - 1);
  const maxTokens = warningTokens + (2 * period * count) / (1 + coldFactor);
  return { warningTokens, maxTokens, slope: (coldFactor - 1) / count / (maxTokens - warningTokens) };
}

/** The rate that holds with so many stored tokens: the more are stored, the colder it is. */
export function warmUpRate(stored: number, curve: WarmUpCurve, ratePerSecond: number): number {
  const above = stored - curve.warningTokens;
  return above <= 0 ? ratePerSecond : 1 / (above * curve.slope + 1 / ratePerSecond);
}

const syncMs = 1000;

/**
 * A token bucket whose rate rises from `rate/coldFactor` to `rate` under load, and falls back when load ends. Stored
 * tokens stand for coldness: once a second they grow by the rate when there was little to do, and shrink by the calls
 * that passed. Unlike Sentinel, a second in which calls were refused never counts as little to do.
 */
export class WarmUpBucket implements Gate {
  readonly #bucket: PacedBucket;
  #policy: WarmUp;
  #burst: number;
  #maxWaitMs: number;
  #curve: WarmUpCurve;
  #stored: number;
  #syncedAt = Number.NEGATIVE_INFINITY;
  #passed = 0;
  #refused = 0;

  constructor(policy: WarmUp, burst: number, maxWaitMs: number) {
    this.#policy = policy;
    this.#burst = burst;
    this.#maxWaitMs = maxWaitMs;
    this.#curve = warmUpCurve(policy);
    this.#stored = this.#curve.maxTokens;
    this.#bucket = new PacedBucket(this.rate, burst, maxWaitMs);
  }

  /** The rate that holds now, per second. */
  get rate(): number {
    return warmUpRate(this.#stored, this.#curve, this.#policy.ratePerSecond);
  }

  get stored(): number {
    return this.#stored;
  }

  take(now: number): Verdict {
    if (now - this.#syncedAt >= syncMs) this.#sync(now);
    const verdict = this.#bucket.take(now);
    if (verdict >= 0) this.#passed++;
    else this.#refused++;
    return verdict;
  }

  idle(now: number): boolean {
    return this.#bucket.idle(now) && now - this.#syncedAt >= this.#policy.warmUpMs * 2;
  }

  giveBack(startsAt: number): void {
    this.#bucket.giveBack(startsAt);
  }

  /** Keeps how warm it is. */
  reload(policy: WarmUp, burst: number, maxWaitMs: number, now: number): void {
    const coldness = this.#stored / this.#curve.maxTokens;
    this.#policy = policy;
    this.#burst = burst;
    this.#maxWaitMs = maxWaitMs;
    this.#curve = warmUpCurve(policy);
    this.#stored = coldness * this.#curve.maxTokens;
    this.#bucket.reload(this.rate, burst, maxWaitMs, now);
  }

  #sync(now: number): void {
    if (this.#syncedAt === Number.NEGATIVE_INFINITY) {
      this.#syncedAt = now;
      return;
    }
    const { ratePerSecond, coldFactor } = this.#policy;
    const elapsed = Math.floor((now - this.#syncedAt) / syncMs);
    const passedPerSecond = this.#passed / elapsed;
    const { warningTokens, maxTokens } = this.#curve;
    const little = this.#refused === 0 && passedPerSecond < Math.floor(ratePerSecond / coldFactor);
    if (this.#stored < warningTokens || little) {
      this.#stored = Math.min(maxTokens, this.#stored + elapsed * ratePerSecond);
    }
    this.#stored = Math.max(0, this.#stored - this.#passed);
    this.#syncedAt += elapsed * syncMs;
    this.#passed = 0;
    this.#refused = 0;
    this.#bucket.reload(this.rate, this.#burst, this.#maxWaitMs, now);
  }
}
