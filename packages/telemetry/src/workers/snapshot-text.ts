import type { Labels } from "@sampan/core/ports";
import type { HistogramSeries, MetricFamily, MetricType, ValueSeries } from "../metrics/snapshot.js";

/**
 * A snapshot as text, for a channel between processes. JSON, with numbers that JSON lacks (`Infinity`, `NaN`) as text.
 */
export function encodeSnapshot(families: readonly MetricFamily[]): string {
  return JSON.stringify(families, (_key, value: unknown) =>
    typeof value === "number" && !Number.isFinite(value) ? String(value) : value,
  );
}

/** The reverse of `encodeSnapshot`. Throws `TypeError`, which says where, for anything else. */
export function decodeSnapshot(text: string): readonly MetricFamily[] {
  let raw: unknown;
  try {
    raw = JSON.parse(text);
  } catch {
    throw new TypeError("a snapshot of metrics is not JSON");
  }
  return arrayOf(raw, "the snapshot").map(familyOf);
}

const types: readonly MetricType[] = ["counter", "gauge", "histogram"];

function familyOf(raw: unknown): MetricFamily {
  const family = objectOf(raw, "a metric");
  const name = textOf(family.name, "the name of a metric");
  const help = textOf(family.help, `the help of ${name}`);
  const type = types.find((each) => each === family.type);
  if (type === undefined) throw new TypeError(`the type of ${name} in a snapshot of metrics is unknown`);
  const seriesOf = type === "histogram" ? histogramSeriesOf : valueSeriesOf;
  return {
    name,
    help,
    type,
    series: arrayOf(family.series, `the series of ${name}`).map((each) => seriesOf(each, name)),
  };
}

function valueSeriesOf(raw: unknown, name: string): ValueSeries {
  const series = objectOf(raw, `a series of ${name}`);
  return { labels: labelsOf(series.labels, name), value: numberOf(series.value, `a value of ${name}`) };
}

function histogramSeriesOf(raw: unknown, name: string): HistogramSeries {
  const series = objectOf(raw, `a series of ${name}`);
  const buckets = arrayOf(series.buckets, `the buckets of ${name}`).map((each) => {
    const bucket = objectOf(each, `a bucket of ${name}`);
    return { le: numberOf(bucket.le, `a bound of ${name}`), count: numberOf(bucket.count, `a bucket of ${name}`) };
  });
  return {
    labels: labelsOf(series.labels, name),
    count: numberOf(series.count, `the count of ${name}`),
    sum: numberOf(series.sum, `the sum of ${name}`),
    buckets,
  };
}

function labelsOf(raw: unknown, name: string): Labels {
  const labels: Record<string, string> = {};
  for (const [label, value] of Object.entries(objectOf(raw, `the labels of ${name}`)))
    labels[label] = textOf(value, `a label of ${name}`);
  return labels;
}

function objectOf(raw: unknown, what: string): Readonly<Record<string, unknown>> {
  if (typeof raw !== "object" || raw === null || Array.isArray(raw)) throw wrong(what, "an object");
  return raw as Readonly<Record<string, unknown>>;
}

function arrayOf(raw: unknown, what: string): readonly unknown[] {
  if (!Array.isArray(raw)) throw wrong(what, "a list");
  return raw;
}

function textOf(raw: unknown, what: string): string {
  if (typeof raw !== "string") throw wrong(what, "text");
  return raw;
}

function numberOf(raw: unknown, what: string): number {
  if (typeof raw === "number") return raw;
  if (raw === "Infinity" || raw === "-Infinity" || raw === "NaN") return Number(raw);
  throw wrong(what, "a number");
}

function wrong(what: string, wanted: string): TypeError {
  return new TypeError(`${what} in a snapshot of metrics is not ${wanted}`);
}
