import type { Clock } from "@sampan/core";

/** So many uses in a window of time, counted for each key; windows begin with a key's first use. */
export class Quota {
  readonly #clock: Clock;
  readonly #limit: number;
  readonly #windowMs: number;
  readonly #windows = new Map<string, { until: number; used: number }>();

  constructor(clock: Clock, limit: number, windowMs: number) {
    this.#clock = clock;
    this.#limit = limit;
    this.#windowMs = windowMs;
  }

  /** False when the window's uses are used up. */
  use(key = ""): boolean {
    const now = this.#clock.now();
    let window = this.#windows.get(key);
    if (window === undefined || window.until <= now) {
      this.#forget(now);
      window = { until: now + this.#windowMs, used: 0 };
      this.#windows.set(key, window);
    }
    return ++window.used <= this.#limit;
  }

  #forget(now: number): void {
    if (this.#windows.size < 10_000) return;
    for (const [key, window] of this.#windows) if (window.until <= now) this.#windows.delete(key);
  }
}
