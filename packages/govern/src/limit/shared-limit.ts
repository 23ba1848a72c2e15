import type { Clock } from "@sampan/core";
import type { KeyValue } from "@sampan/core/ports";
import type { Lease } from "./lease.js";

/** Calls that wait for the store's answer; more are refused. */
const maxWaiting = 1000;

/** One lease with the calls that wait for it: asks the store when the lease wants it to. */
export interface StoredLease {
  readonly key: string;
  readonly lease: Lease;
  readonly waiting: Waiting[];
}

/** A call that waits for the store's answer. */
export interface Waiting {
  /** Set when it does not wait any more, so that it takes no token. */
  gone: boolean;
  /** Below 0 it is refused for so many ms (see `Verdict`), otherwise it goes. */
  decided(verdict: number): void;
}

/** Joins leases to the store they lease from. */
export class LeaseDriver {
  readonly #store: KeyValue | undefined;
  readonly #clock: Clock;
  /** How long the store may take. */
  timeoutMs: number;
  readonly #happened: (what: string) => void;
  #closed = false;

  constructor(store: KeyValue | undefined, clock: Clock, timeoutMs: number, happened: (what: string) => void) {
    this.#store = store;
    this.#clock = clock;
    this.timeoutMs = timeoutMs;
    this.#happened = happened;
  }

  /** After every call. */
  refill(stored: StoredLease, now: number, ratePerSecond: number): void {
    const tokens = stored.lease.wanted(now, stored.waiting.length);
    if (tokens === 0) return;
    let open = true;
    const end = (settle: () => void): void => {
      if (!open) return;
      open = false;
      cancel();
      settle();
    };
    const cancel = this.#clock.timer(this.timeoutMs, () => end(() => this.#failed(stored)), { background: true });
    const request = { tokens, ratePerSecond, burst: stored.lease.storeBurst };
    const answer = this.#store?.acquire(stored.key, request) ?? Promise.reject(new Error("no key-value store"));
    answer.then(
      // Also when it comes late: what the store gave is ours.
      ({ granted, waitMs }) => {
        end(() => {});
        this.#granted(stored, granted, waitMs, ratePerSecond);
      },
      () => end(() => this.#failed(stored)),
    );
  }

  /** Registers a call that waits for the answer; false when too many do. */
  wait(stored: StoredLease, waiting: Waiting): boolean {
    if (this.#closed || stored.waiting.length >= maxWaiting) return false;
    stored.waiting.push(waiting);
    return true;
  }

  close(): void {
    this.#closed = true;
  }

  #granted(stored: StoredLease, tokens: number, waitMs: number, ratePerSecond: number): void {
    const now = this.#clock.monotonic();
    if (stored.lease.away) this.#happened("store-back");
    stored.lease.granted(tokens, waitMs, now);
    this.#admit(stored, now);
    if (stored.waiting.length > 0 && !this.#closed) this.refill(stored, now, ratePerSecond);
  }

  #failed(stored: StoredLease): void {
    const now = this.#clock.monotonic();
    if (!stored.lease.away) this.#happened("store-away");
    stored.lease.failed(now);
    this.#admit(stored, now);
  }

  #admit(stored: StoredLease, now: number): void {
    let admitted = 0;
    for (; admitted < stored.waiting.length; admitted++) {
      const waiting = stored.waiting[admitted] as Waiting;
      if (waiting.gone) continue;
      const verdict = stored.lease.take(now);
      // Nothing left, and the store has more: those that wait ask again.
      if (verdict === Number.POSITIVE_INFINITY) break;
      waiting.decided(verdict);
    }
    stored.waiting.splice(0, admitted);
  }
}
