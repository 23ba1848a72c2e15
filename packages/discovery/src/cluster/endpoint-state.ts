import type { Endpoint, Instance } from "@sampan/core/ports";

/** How fast an average forgets that answers were slow, in ms (Finagle's default for peak EWMA is 10 s as well). */
const forgetMs = 10_000;

/** What a caller knows of one instance, from its first sight until it is gone from the registry. */
export class EndpointState implements Endpoint {
  instance: Instance;
  weight: number;
  inFlight = 0;
  private ewmaMs = 0;
  /** Monotonic ms at which it was first seen: slow start counts from here. */
  readonly since: number;
  private answeredAt = 0;

  constructor(instance: Instance, now: number) {
    this.instance = instance;
    this.weight = instance.weight;
    this.since = now;
  }

  expectedMs(now: number): number {
    // What is under way may still be as slow as before.
    if (this.inFlight > 0 || this.ewmaMs === 0) return this.ewmaMs;
    return this.ewmaMs * Math.exp((this.answeredAt - now) / forgetMs);
  }

  started(): void {
    this.inFlight++;
  }

  /**
   * A call that took `tookMs` has ended. `counts` says whether its time tells anything of the instance: an answer that
   * was refused at once would make a broken instance look fast. Hot: one `exp` a call (bench `balance`).
   */
  ended(tookMs: number, counts: boolean, now: number): void {
    this.inFlight--;
    if (!counts) return;
    if (tookMs > this.ewmaMs) {
      this.ewmaMs = tookMs;
    } else {
      const kept = Math.exp((this.answeredAt - now) / forgetMs);
      this.ewmaMs = this.ewmaMs * kept + tookMs * (1 - kept);
    }
    this.answeredAt = now;
  }
}
