import { OutcomeWindow } from "./outcome-window.js";
import type { BreakerPolicy } from "./policy.js";

export type BreakerState = "closed" | "open" | "half-open";

/** What a breaker goes by: a policy without how it is fed. */
export type BreakerRules = Omit<BreakerPolicy, "on" | "per" | "maxEndpoints">;

/** What `admit` gives: 0 refuses, 1 admits, any other number is the ticket of a probe. */
export type Ticket = number;
export const REFUSED: Ticket = 0;
export const ADMITTED: Ticket = 1;

/**
 * Whether calls may go to something that may be broken (Sentinel's model). A decider: time in ms goes in and need not
 * start anywhere, but never goes back.
 *
 *     closed ──a threshold is reached──▶ open ──openMs──▶ half-open ──`probes` of them succeed──▶ closed
 *                                         ▲────a probe fails or is slow, or is given up─────┘
 *
 * Every ticket of a probe must come back once, by `probed` or `gaveUp`. At most `probes` of them are out at any time,
 * also over several half-open phases; tickets of an earlier phase only make room. After a probe that failed it stays
 * open for `openMs` again; after one that was given up (blocked by another rule, cancelled) the next call probes.
 */
export class Breaker {
  state: BreakerState = "closed";
  #rules: BreakerRules;
  #window: OutcomeWindow;
  /** Since when the present state holds. */
  #since = Number.NEGATIVE_INFINITY;
  #opensUntil = 0;
  /** Of the half-open phase; probes carry it. */
  #phase = ADMITTED;
  #probesOut = 0;
  #probesOfPhase = 0;
  #succeeded = 0;

  constructor(rules: BreakerRules) {
    this.#rules = rules;
    this.#window = new OutcomeWindow(rules.windowMs, rules.buckets);
  }

  get closed(): boolean {
    return this.state === "closed";
  }

  /** Open stays open, until the sooner of the two ends. Counts are kept unless the window itself is another. */
  reload(rules: BreakerRules): void {
    const before = this.#rules;
    this.#rules = rules;
    if (before.windowMs !== rules.windowMs || before.buckets !== rules.buckets)
      this.#window = new OutcomeWindow(rules.windowMs, rules.buckets);
    if (this.state === "open") this.#opensUntil = Math.min(this.#opensUntil, this.#since + rules.openMs);
    if (this.state === "half-open" && this.#succeeded >= rules.probes) this.#close(this.#since);
  }

  /** Whether `admit` would let a call through, without any effect. */
  wouldAdmit(now: number): boolean {
    if (this.state === "closed") return true;
    if (this.#probesOut >= this.#rules.probes) return false;
    return this.state === "open" ? now >= this.#opensUntil : this.#probesOfPhase < this.#rules.probes;
  }

  admit(now: number): Ticket {
    if (this.state === "closed") return ADMITTED;
    if (!this.wouldAdmit(now)) return REFUSED;
    if (this.state === "open") this.#halfOpen(now);
    this.#probesOut++;
    this.#probesOfPhase++;
    return this.#phase;
  }

  /**
   * The outcome of a call that was let through while closed and began at `began`. Hot; true when this opened it.
   * What began before the breaker last closed tells of the past and does not count.
   */
  record(failed: boolean, tookMs: number, began: number, now: number): boolean {
    if (this.state !== "closed" || began < this.#since) return false;
    const { slow } = this.#rules;
    const window = this.#window;
    window.advance(now);
    window.add(failed, slow !== undefined && tookMs > slow.aboveMs);
    if (window.total < this.#rules.minimumRequests || !this.#broken()) return false;
    this.#open(now, now + this.#rules.openMs);
    return true;
  }

  /** A probe has ended. */
  probed(ticket: Ticket, failed: boolean, tookMs: number, now: number): void {
    if (!this.#back(ticket)) return;
    const { slow, openMs, probes } = this.#rules;
    if (failed || (slow !== undefined && tookMs > slow.aboveMs)) this.#open(now, now + openMs);
    else if (++this.#succeeded >= probes) this.#close(now);
  }

  /** A probe has ended in a way that says nothing: never sent, or cancelled by its caller. */
  gaveUp(ticket: Ticket, now: number): void {
    if (this.#back(ticket)) this.#open(now, now);
  }

  /** Ms until it lets a probe through; 0 when it does already, or when only a place is missing. */
  waitMs(now: number): number {
    return this.state === "open" ? Math.max(0, this.#opensUntil - now) : 0;
  }

  get probesOut(): number {
    return this.#probesOut;
  }

  /** Calls and failures in the window as of the last outcome. */
  get counts(): { readonly calls: number; readonly errors: number; readonly slow: number } {
    return { calls: this.#window.total, errors: this.#window.errors, slow: this.#window.slow };
  }

  #broken(): boolean {
    const { errorRatio, errorCount, slow } = this.#rules;
    const { total, errors } = this.#window;
    if (errorRatio !== undefined && errors > 0 && errors >= errorRatio * total) return true;
    if (errorCount !== undefined && errors >= errorCount) return true;
    return slow !== undefined && this.#window.slow > 0 && this.#window.slow >= slow.ratio * total;
  }

  /** Takes a ticket back; whether it is of the present phase. */
  #back(ticket: Ticket): boolean {
    this.#probesOut--;
    return this.state === "half-open" && ticket === this.#phase;
  }

  #open(now: number, until: number): void {
    this.state = "open";
    this.#since = now;
    this.#opensUntil = until;
    this.#window.clear();
  }

  #halfOpen(now: number): void {
    this.state = "half-open";
    this.#since = now;
    this.#phase++;
    this.#probesOfPhase = 0;
    this.#succeeded = 0;
  }

  #close(now: number): void {
    this.state = "closed";
    this.#since = now;
    this.#window.clear();
  }
}
