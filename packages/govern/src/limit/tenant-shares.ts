import type { Verdict } from "./gate.js";

export interface SharesPolicy {
  readonly ratePerSecond: number;
  readonly burst: number;
  /** Of tenants that are not 1. */
  readonly weights: ReadonlyMap<string, number>;
  /** A tenant that has not called for so long gives up its share. */
  readonly activeMs: number;
  /** Tenants that have a share; further ones have one together. */
  readonly maxTenants: number;
}

interface Share {
  readonly weight: number;
  tokens: number;
  calledAt: number;
}

/** New tokens are shared out so often: at ten thousand calls a second these are 50 tokens at a time. */
const pourMs = 5;

/**
 * One rate for all tenants, shared out by weight among those that call: nobody is slowed down while there is enough, and
 * under contention each active tenant gets at least its share, whatever the others do. What a tenant does not use, beyond
 * the little it may save up, goes to the others, and what nobody can hold is lost as in any token bucket.
 *
 * In any window of `t` seconds at most `ratePerSecond·(t + 10 ms) + max(burst, active tenants) + 1` calls pass.
 */
export class TenantShares {
  #policy: SharesPolicy;
  readonly #shares = new Map<string, Share>();
  #weights = 0;
  #pouredAt = Number.NEGATIVE_INFINITY;
  /** Tokens that no tenant holds. */
  #spare: number;
  /** Saved for tenants that begin to call, so that their first call need not wait for the next pour. */
  #pot = 1;

  constructor(policy: SharesPolicy) {
    this.#policy = policy;
    this.#spare = policy.burst;
  }

  /** Tenants with a share. */
  get active(): number {
    return this.#shares.size;
  }

  take(tenant: string, now: number): Verdict {
    if (now - this.#pouredAt >= pourMs) this.#pour(now);
    let share = this.#shares.get(tenant);
    if (share === undefined) share = this.#join(tenant, now);
    share.calledAt = now;
    if (share.tokens >= 1) {
      share.tokens--;
      return 0;
    }
    const ratePerMs = (this.#policy.ratePerSecond / 1000) * (share.weight / this.#weights);
    return -Math.max(pourMs, (1 - share.tokens) / ratePerMs);
  }

  reload(policy: SharesPolicy): void {
    this.#policy = policy;
    this.#weights = 0;
    for (const [tenant, share] of this.#shares) {
      const weight = this.#weightOf(tenant);
      this.#shares.set(tenant, { ...share, weight });
      this.#weights += weight;
    }
  }

  #weightOf(tenant: string): number {
    return this.#policy.weights.get(tenant) ?? 1;
  }

  #join(tenant: string, now: number): Share {
    const full = this.#shares.size >= this.#policy.maxTenants;
    // The name of those that have none of their own cannot be a tenant's.
    const name = full ? "\u0000others" : tenant;
    const held = this.#shares.get(name);
    if (held !== undefined) return held;
    const weight = this.#weightOf(name);
    const tokens = this.#spare >= 1 ? 0 : this.#pot;
    this.#pot -= tokens;
    const share: Share = { weight, tokens, calledAt: now };
    this.#shares.set(name, share);
    this.#weights += weight;
    if (this.#spare > 0) this.#shareOut();
    return share;
  }

  #pour(now: number): void {
    const { ratePerSecond, activeMs } = this.#policy;
    if (this.#pouredAt === Number.NEGATIVE_INFINITY) this.#pouredAt = now;
    const come = ((now - this.#pouredAt) * ratePerSecond) / 1000;
    this.#pouredAt = now;
    let held = 0;
    for (const [tenant, share] of this.#shares) {
      if (now - share.calledAt > activeMs) {
        this.#shares.delete(tenant);
        this.#weights -= share.weight;
        this.#spare += share.tokens;
      }
    }
    for (const share of this.#shares.values()) {
      // Others have come since it saved this up: what is more than its part now is for them.
      const excess = share.tokens - this.#most(share);
      if (excess > 0) {
        share.tokens -= excess;
        this.#spare += excess;
      }
      held += share.tokens;
    }
    const toPot = Math.min(1 - this.#pot, come);
    this.#pot += toPot;
    this.#spare = Math.max(0, Math.min(this.#spare + come - toPot, this.#size - held));
    this.#shareOut();
  }

  /** By weight; what one cannot hold goes to the rest, again by weight. */
  #shareOut(): void {
    for (let round = 0; this.#spare > 1e-9 && round < 8; round++) {
      let open = 0;
      for (const share of this.#shares.values()) if (share.tokens < this.#most(share)) open += share.weight;
      if (open === 0) return;
      const each = this.#spare / open;
      for (const share of this.#shares.values()) {
        const room = this.#most(share) - share.tokens;
        if (room <= 0) continue;
        const given = Math.min(each * share.weight, room);
        share.tokens += given;
        this.#spare -= given;
      }
    }
  }

  /** What is held at most: one call for each, and beyond the burst what comes between two pours, or it would be lost. */
  get #size(): number {
    const { burst, ratePerSecond } = this.#policy;
    return Math.max(burst, this.#shares.size) + (ratePerSecond * 2 * pourMs) / 1000;
  }

  /** What a tenant may save up: its part of the burst, and one call at least. */
  #most(share: Share): number {
    return Math.max(1, (this.#size * share.weight) / this.#weights);
  }
}
