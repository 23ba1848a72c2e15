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

  reset(): void {
    this.#windows.clear();
  }

  #forget(now: number): void {
    if (this.#windows.size < 10_000) return;
    for (const [key, window] of this.#windows) if (window.until <= now) this.#windows.delete(key);
  }
}

/** The quotas of a stand-in by name, so that a test can begin them again. Not kept over a restart. */
export class Quotas {
  readonly #clock: Clock;
  readonly #quotas = new Map<string, Quota>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  open(name: string, limit: number, windowMs: number): Quota {
    const quota = new Quota(this.#clock, limit, windowMs);
    this.#quotas.set(name, quota);
    return quota;
  }

  get names(): string[] {
    return [...this.#quotas.keys()];
  }

  /** One, or all of them. False when there is none of this name. */
  reset(name: string | undefined): boolean {
    if (name === undefined) for (const quota of this.#quotas.values()) quota.reset();
    else this.#quotas.get(name)?.reset();
    return name === undefined || this.#quotas.has(name);
  }
}
