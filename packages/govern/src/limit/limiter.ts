import type { Gate, Verdict } from "./gate.js";
import { KeyTable } from "./key-table.js";
import { Lease } from "./lease.js";
import { PacedBucket } from "./paced-bucket.js";
import { burstOf, type LimitPolicy } from "./policy.js";
import type { StoredLease } from "./shared-limit.js";
import { TenantShares } from "./tenant-shares.js";
import { WarmUpBucket } from "./warm-up-bucket.js";

/** One gate or a gate for each key, as the policy says. Kept over reloads that do not change its build. */
export class Limiter {
  #policy: LimitPolicy;
  readonly #name: string;
  readonly #single: LimitGate | undefined;
  readonly #table: KeyTable<LimitGate> | undefined;
  readonly #shares: TenantShares | undefined;

  /** `name` is that of the buckets in the shared store. */
  constructor(policy: LimitPolicy, name: string) {
    this.#policy = policy;
    this.#name = name;
    if (policy.fair === "tenant") this.#shares = new TenantShares(sharesOf(policy));
    else if (policy.per === undefined) this.#single = this.#make("");
    else this.#table = new KeyTable(policy.maxKeys, (key) => this.#make(key), this.#make("\u0000others"));
  }

  /** `key` is the value that `per` names, or the tenant when the limit is fair. */
  take(key: string, now: number): Verdict {
    if (this.#single !== undefined) return this.#single.take(now);
    if (this.#shares !== undefined) return this.#shares.take(key, now);
    return (this.#table as KeyTable<LimitGate>).take(key, now);
  }

  /** The gate of a key, when it is kept by key at all. */
  gate(key: string, now: number): LimitGate | undefined {
    return this.#single ?? this.#table?.gate(key, now);
  }

  rateOf(key: string): number {
    return this.#policy.exceptions[key] ?? this.#policy.ratePerSecond;
  }

  /** False when the change needs another build, which then starts afresh. */
  reload(policy: LimitPolicy, now: number): boolean {
    const held = this.#policy;
    if (policy.fair !== held.fair || policy.per !== held.per) return false;
    if (policy.shape !== held.shape || policy.shared !== held.shared) return false;
    this.#policy = policy;
    this.#shares?.reload(sharesOf(policy));
    this.#single?.reload(policy, policy.ratePerSecond, now);
    this.#table?.reload(policy.maxKeys);
    this.#table?.visitAll((gate, key) => gate.reload(policy, this.rateOf(key), now));
    return true;
  }

  get state(): Readonly<Record<string, string | number | boolean>> {
    if (this.#shares !== undefined) return { activeTenants: this.#shares.active };
    if (this.#table !== undefined) return { keys: this.#table.size, overflowed: this.#table.overflowed };
    return (this.#single as LimitGate).state;
  }

  #make(key: string): LimitGate {
    return new LimitGate(this.#policy, this.rateOf(key), `${this.#name}/${key}`);
  }
}

/** The gate of one key, in the shape that the policy asks for. */
export class LimitGate implements Gate {
  readonly #decider: PacedBucket | WarmUpBucket | Lease;
  /** Set when the limit is shared. */
  readonly stored: StoredLease | undefined;

  constructor(policy: LimitPolicy, rate: number, name: string) {
    const burst = burstOf(policy, rate);
    if (policy.shared) {
      const lease = new Lease(leaseOf(policy, rate));
      this.stored = { key: name, lease, waiting: [] };
      this.#decider = lease;
    } else if (policy.shape === "warm-up" && rate > 0) {
      this.#decider = new WarmUpBucket({ ...policy, ratePerSecond: rate }, burst, policy.maxWaitMs);
    } else {
      this.#decider = new PacedBucket(rate, burst, policy.maxWaitMs);
    }
  }

  take(now: number): Verdict {
    return this.#decider.take(now);
  }

  idle(now: number): boolean {
    return this.#decider.idle(now) && (this.stored === undefined || this.stored.waiting.length === 0);
  }

  /** The place of a call that waited for `startsAt` and left. */
  giveBack(startsAt: number): void {
    if (!(this.#decider instanceof Lease)) this.#decider.giveBack(startsAt);
  }

  reload(policy: LimitPolicy, rate: number, now: number): void {
    const decider = this.#decider;
    if (decider instanceof Lease) decider.reload(leaseOf(policy, rate), now);
    else if (decider instanceof PacedBucket) decider.reload(rate, burstOf(policy, rate), policy.maxWaitMs, now);
    else decider.reload({ ...policy, ratePerSecond: rate }, burstOf(policy, rate), policy.maxWaitMs, now);
  }

  get state(): Readonly<Record<string, string | number | boolean>> {
    const decider = this.#decider;
    if (decider instanceof Lease) return { storeAway: decider.away, waiting: this.stored?.waiting.length ?? 0 };
    return decider instanceof WarmUpBucket ? { ratePerSecond: decider.rate } : {};
  }
}

function sharesOf(policy: LimitPolicy) {
  return {
    ratePerSecond: policy.ratePerSecond,
    burst: burstOf(policy),
    weights: new Map(Object.entries(policy.weights)),
    activeMs: policy.activeMs,
    maxTenants: policy.maxKeys,
  };
}

function leaseOf(policy: LimitPolicy, ratePerSecond: number) {
  const { leaseMs, localShare } = policy;
  return { ratePerSecond, burst: burstOf(policy, ratePerSecond), leaseMs, localShare };
}
