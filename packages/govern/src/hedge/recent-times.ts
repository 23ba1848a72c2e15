const kept = 128;
/** Fewer say nothing of a 95th percentile. */
const enough = 32;
/** Sorting costs some µs, and a percentile does not move quickly. */
const refreshEach = 16;

/** What the last calls took, and a percentile of it that is renewed every so many calls. A decider. */
export class RecentTimes {
  readonly #times = new Float64Array(kept);
  readonly #sorted = new Float64Array(kept);
  #count = 0;
  #percentile: number;
  #value: number | undefined;

  constructor(percentile: number) {
    this.#percentile = percentile;
  }

  /** Undefined until enough calls are known. */
  get value(): number | undefined {
    return this.#value;
  }

  set percentile(percentile: number) {
    if (percentile === this.#percentile) return;
    this.#percentile = percentile;
    if (this.#count >= enough) this.#refresh();
  }

  add(tookMs: number): void {
    this.#times[this.#count % kept] = tookMs;
    this.#count++;
    if (this.#count >= enough && this.#count % refreshEach === 0) this.#refresh();
  }

  /** The nearest rank: the least time that so many percent of the calls did not exceed. */
  #refresh(): void {
    const known = Math.min(this.#count, kept);
    const sorted = this.#sorted.subarray(0, known);
    sorted.set(this.#times.subarray(0, known));
    sorted.sort();
    this.#value = sorted[Math.ceil((this.#percentile / 100) * known) - 1];
  }
}
