/** How long a slot takes to become free when nothing is known, ms. */
const unknownMs = 100;
const longestMs = 10_000;

/** The mean time between two slots that become free while calls wait, for the hint of a refusal. */
export class SlotTime {
  #freedAt = Number.NEGATIVE_INFINITY;
  #meanMs = unknownMs;

  freed(now: number): void {
    const since = now - this.#freedAt;
    this.#freedAt = now;
    // A pause says how long nobody waited, and nothing about slots.
    if (since <= longestMs) this.#meanMs += (since - this.#meanMs) / 16;
  }

  /** How long it takes until so many are free. */
  expectedMs(slots: number): number {
    return Math.min(longestMs, Math.max(1, this.#meanMs * slots));
  }
}
