import type { Labels } from "@sampan/core/ports";

export type MetricType = "counter" | "gauge" | "histogram";

/** A counter or gauge with one set of labels. */
export interface ValueSeries {
  readonly labels: Labels;
  readonly value: number;
}

/** A histogram with one set of labels. Buckets are cumulative; the last has the bound `Infinity`. */
export interface HistogramSeries {
  readonly labels: Labels;
  readonly count: number;
  readonly sum: number;
  readonly buckets: readonly { readonly le: number; readonly count: number }[];
}

/** Everything under one name, as it was when it was asked for. */
export interface MetricFamily {
  readonly name: string;
  readonly help: string;
  readonly type: MetricType;
  readonly series: readonly (ValueSeries | HistogramSeries)[];
}
