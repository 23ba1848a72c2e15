import type { Counter, Gauge, Histogram } from "@sampan/core/ports";

/** Never goes down: amounts below zero, and what is not a number, change nothing. */
export class CounterValue implements Counter {
  value = 0;

  add(amount = 1): void {
    if (amount > 0) this.value += amount;
  }
}

export class GaugeValue implements Gauge {
  value = 0;

  set(value: number): void {
    this.value = value;
  }

  add(amount: number): void {
    this.value += amount;
  }
}

/** Counts by bucket, not yet cumulative: recording touches one of them. What is not a number changes nothing. */
export class HistogramValue implements Histogram {
  readonly bounds: readonly number[];
  /** One more than there are bounds: the last counts what is above them all. */
  readonly counts: Float64Array;
  sum = 0;

  constructor(bounds: readonly number[]) {
    this.bounds = bounds;
    this.counts = new Float64Array(bounds.length + 1);
  }

  // Hot path: on each call. A scan beats a binary search here, because bounds are few and most values are low.
  record(value: number): void {
    if (Number.isNaN(value)) return;
    const { bounds, counts } = this;
    let bucket = 0;
    while (bucket < bounds.length && value > (bounds[bucket] as number)) bucket++;
    (counts[bucket] as number)++;
    this.sum += value;
  }
}
