import { ask, type Gate, type Verdict } from "./gate.js";
import { PacedBucket } from "./paced-bucket.js";

export interface LeasePolicy {
  readonly ratePerSecond: number;
  readonly burst: number;
  /** How much of its use an instance takes ahead, as a time. */
  readonly leaseMs: number;
  /** The part of the rate that an instance lets through by itself while the store is away. */
  readonly localShare: number;
}

/** How long the store is left alone after it did not answer. */
const probeMs = 1000;
/** Leased tokens that nobody used for so many leases are dropped. */
const staleLeases = 10;

/**
 * One instance's part of a limit that all instances share. Tokens are leased ahead from the bucket in the store, about
 * as many as are used in `leaseMs`, so a call that finds one is admitted without I/O. When the lease runs low more are
 * asked for, one request at a time; a call that finds none waits for the answer, and while the store says that nothing is
 * left, calls are refused without asking it.
 *
 * It decides only: whoever owns it looks at `wanted` after each call, asks the store, and reports `granted` or `failed`.
 */
export class Lease implements Gate {
  #policy: LeasePolicy;
  #tokens = 0;
  #grantedAt = 0;
  #asking = false;
  #emptyUntil = Number.NEGATIVE_INFINITY;
  /** Set while the store is away. */
  #local: PacedBucket | undefined;
  #probeAt = 0;
  /** Calls since `#countedAt`, and the use per lease that is expected from them. */
  #calls = 0;
  #countedAt = Number.NEGATIVE_INFINITY;
  #expected = 1;

  constructor(policy: LeasePolicy) {
    this.#policy = policy;
  }

  get away(): boolean {
    return this.#local !== undefined;
  }

  /** The size of the bucket in the store: less than two leases in it would be lost between two requests. */
  get storeBurst(): number {
    const { burst, ratePerSecond, leaseMs } = this.#policy;
    return Math.max(1, burst, (ratePerSecond * leaseMs * 2) / 1000);
  }

  /** Hot: bench `govern`. */
  take(now: number): Verdict {
    this.#calls++;
    if (this.#local !== undefined) return this.#local.take(now);
    if (this.#tokens >= 1 && now - this.#grantedAt <= this.#policy.leaseMs * staleLeases) {
      this.#tokens--;
      return 0;
    }
    return this.#emptyUntil > now ? now - this.#emptyUntil : ask;
  }

  /** How many tokens to ask the store for now; 0 for none. `waiting` calls wait for its answer. */
  wanted(now: number, waiting: number): number {
    if (this.#asking || now < this.#emptyUntil) return 0;
    if (this.#local !== undefined && now < this.#probeAt) return 0;
    if (waiting === 0 && this.#tokens > this.#expected / 2) return 0;
    this.#count(now);
    const most = Math.max(1, (this.#policy.ratePerSecond * this.#policy.leaseMs) / 1000);
    this.#asking = true;
    return Math.max(1, Math.min(most, Math.ceil(this.#expected) - this.#tokens + waiting));
  }

  /** The store's answer. Its owner then tries the calls that wait again. */
  granted(tokens: number, waitMs: number, now: number): void {
    this.#asking = false;
    this.#local = undefined;
    if (now - this.#grantedAt > this.#policy.leaseMs * staleLeases) this.#tokens = 0;
    this.#tokens += tokens;
    this.#grantedAt = now;
    // Not at once when one token is there: asking for each one would be I/O for each call.
    if (waitMs > 0) this.#emptyUntil = now + Math.max(waitMs, this.#policy.leaseMs / 4);
  }

  /** The store did not answer: the local share holds until it does. */
  failed(now: number): void {
    this.#asking = false;
    this.#probeAt = now + probeMs;
    const { ratePerSecond, burst, localShare } = this.#policy;
    this.#local ??= new PacedBucket(ratePerSecond * localShare, Math.max(1, burst * localShare), 0);
  }

  idle(now: number): boolean {
    return !this.#asking && now - this.#countedAt > this.#policy.leaseMs * staleLeases && this.#local === undefined;
  }

  reload(policy: LeasePolicy, now: number): void {
    this.#policy = policy;
    const { ratePerSecond, burst, localShare, leaseMs } = policy;
    this.#local?.reload(ratePerSecond * localShare, Math.max(1, burst * localShare), 0, now);
    // What was leased at the old rate must not exceed what would be leased now.
    this.#tokens = Math.min(this.#tokens, Math.max(1, (ratePerSecond * leaseMs) / 1000));
    this.#emptyUntil = Number.NEGATIVE_INFINITY;
  }

  #count(now: number): void {
    const since = now - this.#countedAt;
    if (since < 1) return;
    this.#expected = Math.max(1, (this.#calls / since) * this.#policy.leaseMs);
    this.#calls = 0;
    this.#countedAt = now;
  }
}
