/** The times of a lease, in ms. */
export interface LeaseTimes {
  /** The registry forgets an instance that it has not heard of for so long. Default 30000. */
  readonly ttlMs: number;
  /** Default a third of the ttl. */
  readonly renewEveryMs?: number;
  /** Before a step that has failed is tried again; doubles up to `renewEveryMs`. Default 200. */
  readonly retryMs?: number;
}

export type LeaseStep = "take" | "replace" | "renew" | "drop";

/** Do a step now, or nothing before that time. */
export type LeaseOrder = { readonly step: LeaseStep } | { readonly waitMs: number } | { readonly step: "end" };

/**
 * What a registration does next. A decider: the outcome of each step and the time go in. A lease that is lost, or that
 * could not be renewed for as long as it lasts, is taken anew; a change goes before a renewal and counts as one.
 */
export class LeasePlan {
  readonly #ttlMs: number;
  readonly #renewEveryMs: number;
  readonly #retryMs: number;
  readonly #random: () => number;
  #held = false;
  #changed = false;
  #dropping = false;
  #ended = false;
  #renewAt = 0;
  #retryAt = 0;
  #expiresAt = 0;
  #failures = 0;

  constructor(times: LeaseTimes, random: () => number) {
    this.#ttlMs = times.ttlMs;
    this.#renewEveryMs = times.renewEveryMs ?? times.ttlMs / 3;
    this.#retryMs = times.retryMs ?? 200;
    this.#random = random;
  }

  /** The registry has the instance as far as we know. */
  get held(): boolean {
    return this.#held;
  }

  /** What is announced has changed. */
  change(): void {
    this.#changed = true;
  }

  /** The instance is to be taken out: once, then it is over whether or not that worked. */
  drop(): void {
    this.#dropping = true;
  }

  next(now: number): LeaseOrder {
    if (this.#ended) return { step: "end" };
    if (this.#dropping) return { step: "drop" };
    if (this.#held && now >= this.#expiresAt) this.#held = false;
    if (now < this.#retryAt) return { waitMs: this.#retryAt - now };
    if (!this.#held) return { step: "take" };
    if (this.#changed) return { step: "replace" };
    return now >= this.#renewAt ? { step: "renew" } : { waitMs: this.#renewAt - now };
  }

  /** A step begins: what is announced from here on is the change. */
  begin(step: LeaseStep): void {
    if (step === "take" || step === "replace") this.#changed = false;
  }

  /** The registry did it at `now`; the lease counts from when it was asked. */
  done(step: LeaseStep, askedAt: number, now: number): void {
    this.#failures = 0;
    this.#retryAt = 0;
    if (step === "drop") {
      this.#ended = true;
      return;
    }
    this.#held = true;
    this.#expiresAt = askedAt + this.#ttlMs;
    this.#renewAt = now + this.#renewEveryMs * (0.9 + 0.1 * this.#random());
  }

  /** The registry does not have the lease. */
  lost(): void {
    this.#held = false;
    this.#changed = true;
  }

  failed(step: LeaseStep, now: number): void {
    if (step === "drop") this.#ended = true;
    if (step === "take" || step === "replace") this.#changed = true;
    const wait = Math.min(this.#renewEveryMs, this.#retryMs * 2 ** Math.min(this.#failures, 20));
    this.#failures++;
    this.#retryAt = now + wait * (0.5 + 0.5 * this.#random());
  }
}
