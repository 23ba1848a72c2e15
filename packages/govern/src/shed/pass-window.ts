/** Sentinel's least response time, ms: a clock that counts in ms shows many calls as 0. */
const leastMs = 1;

/** Completed calls of the last while, in a ring of buckets: how many at best, and how fast at best. */
export class PassWindow {
  readonly #bucketMs: number;
  readonly #counts: Float64Array;
  readonly #fastest: Float64Array;
  /** The number of the bucket that is being filled, since the start of time. */
  #current = -1;
  #place = 0;
  #endsAt = Number.NEGATIVE_INFINITY;

  constructor(buckets: number, bucketMs: number) {
    this.#bucketMs = bucketMs;
    this.#counts = new Float64Array(buckets);
    this.#fastest = new Float64Array(buckets).fill(Number.POSITIVE_INFINITY);
  }

  add(tookMs: number, now: number): void {
    if (now >= this.#endsAt) this.#advance(now);
    const place = this.#place;
    (this.#counts[place] as number)++;
    if (tookMs < (this.#fastest[place] as number)) this.#fastest[place] = tookMs;
  }

  /** `maxCompleteQps · minRtMs / 1000`: calls in work at which the process was at its best. Infinite when nothing is known. */
  capacity(now: number): number {
    if (now >= this.#endsAt) this.#advance(now);
    let most = 0;
    let least = Number.POSITIVE_INFINITY;
    for (let i = 0; i < this.#counts.length; i++) {
      most = Math.max(most, this.#counts[i] as number);
      least = Math.min(least, this.#fastest[i] as number);
    }
    if (most === 0) return Number.POSITIVE_INFINITY;
    return (most / this.#bucketMs) * Math.max(leastMs, least);
  }

  #advance(now: number): void {
    const bucket = Math.floor(now / this.#bucketMs);
    const length = this.#counts.length;
    const steps = this.#current < 0 ? length : Math.min(length, bucket - this.#current);
    for (let i = 0; i < steps; i++) {
      const place = (((bucket - i) % length) + length) % length;
      this.#counts[place] = 0;
      this.#fastest[place] = Number.POSITIVE_INFINITY;
    }
    this.#current = bucket;
    this.#place = ((bucket % length) + length) % length;
    this.#endsAt = (bucket + 1) * this.#bucketMs;
  }
}
