/**
 * Outcomes of the last `windowMs`, counted in a ring of buckets that is made once. Old buckets are emptied when time
 * passes them, so that the totals are always at hand.
 *
 * Hot: `add` is one division and a few additions (bench `govern`).
 */
export class OutcomeWindow {
  total = 0;
  errors = 0;
  slow = 0;
  readonly #bucketMs: number;
  readonly #totals: Uint32Array;
  readonly #errors: Uint32Array;
  readonly #slow: Uint32Array;
  /** The number of the newest bucket since time began; its place is that modulo the length of the ring. */
  #newest = 0;

  constructor(windowMs: number, buckets: number) {
    this.#bucketMs = windowMs / buckets;
    this.#totals = new Uint32Array(buckets);
    this.#errors = new Uint32Array(buckets);
    this.#slow = new Uint32Array(buckets);
  }

  /** Moves on to a time; one that lies before the newest counts as the newest. */
  advance(now: number): void {
    const bucket = Math.floor(now / this.#bucketMs);
    if (bucket > this.#newest) this.#turn(bucket);
  }

  /** Counts at the time of the last `advance`. */
  add(failed: boolean, slow: boolean): void {
    const at = this.#newest % this.#totals.length;
    this.#totals[at] = (this.#totals[at] as number) + 1;
    this.total++;
    if (failed) {
      this.#errors[at] = (this.#errors[at] as number) + 1;
      this.errors++;
    }
    if (slow) {
      this.#slow[at] = (this.#slow[at] as number) + 1;
      this.slow++;
    }
  }

  clear(): void {
    this.#totals.fill(0);
    this.#errors.fill(0);
    this.#slow.fill(0);
    this.total = 0;
    this.errors = 0;
    this.slow = 0;
  }

  #turn(bucket: number): void {
    const { length } = this.#totals;
    if (bucket - this.#newest >= length) {
      this.clear();
    } else {
      for (let each = this.#newest + 1; each <= bucket; each++) this.#empty(each % length);
    }
    this.#newest = bucket;
  }

  #empty(at: number): void {
    this.total -= this.#totals[at] as number;
    this.errors -= this.#errors[at] as number;
    this.slow -= this.#slow[at] as number;
    this.#totals[at] = 0;
    this.#errors[at] = 0;
    this.#slow[at] = 0;
  }
}
