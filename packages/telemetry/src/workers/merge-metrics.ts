import type { Labels } from "@sampan/core/ports";
import type { HistogramSeries, MetricFamily, ValueSeries } from "../metrics/snapshot.js";

/** The figures of one process of a service. */
export interface Contribution {
  /** `1`, or `primary`: the label `worker` of what is not added up. */
  readonly worker: string;
  readonly families: readonly MetricFamily[];
}

export interface MergedMetrics {
  /** Ordered by name. */
  readonly families: readonly MetricFamily[];
  /** How often a process's figures for a name were left out, because an earlier one has another type or other buckets. */
  readonly conflicts: number;
}

/**
 * The figures of several processes as those of one service. Counters and histograms with the same labels are added, and
 * so are gauges: calls in flight here and there are calls in flight. Gauges of the process itself (`process_…`,
 * `nodejs_…`) are not: a sum of event-loop delays means nothing, so each is kept, with the label `worker`.
 */
export function mergeMetrics(contributions: readonly Contribution[]): MergedMetrics {
  const merged = new Map<string, MergedFamily>();
  let conflicts = 0;
  for (const { worker, families } of contributions) {
    for (const family of families) {
      let target = merged.get(family.name);
      if (target === undefined) {
        target = { family, bounds: undefined, series: new Map() };
        merged.set(family.name, target);
      }
      if (!fits(target, family)) conflicts++;
      else add(target, family, isOfProcess(family) ? worker : undefined);
    }
  }
  const families = [...merged.values()].map(({ family, series }) => ({ ...family, series: [...series.values()] }));
  return { families: families.sort((a, b) => (a.name < b.name ? -1 : 1)), conflicts };
}

/** What must not be lost when a process ends: everything but gauges, which were true only while it lived. */
export function lastingFamilies(families: readonly MetricFamily[]): readonly MetricFamily[] {
  return families.filter(({ type }) => type !== "gauge");
}

interface MergedFamily {
  readonly family: MetricFamily;
  /** Of a histogram, as text; undefined before its first series. */
  bounds: string | undefined;
  readonly series: Map<string, ValueSeries | HistogramSeries>;
}

function isOfProcess({ name, type }: MetricFamily): boolean {
  return type === "gauge" && /^(process|nodejs)_/.test(name);
}

function fits(target: MergedFamily, { type, series }: MetricFamily): boolean {
  if (type !== target.family.type) return false;
  for (const each of series) {
    if ("value" in each) continue;
    const bounds = each.buckets.map(({ le }) => le).join();
    target.bounds ??= bounds;
    if (bounds !== target.bounds) return false;
  }
  return true;
}

function add(target: MergedFamily, { series }: MetricFamily, worker: string | undefined): void {
  for (const each of series) {
    const labels = worker === undefined ? each.labels : { ...each.labels, worker };
    const key = keyOf(labels);
    const before = target.series.get(key);
    target.series.set(key, before === undefined ? { ...each, labels } : sum(before, each));
  }
}

function sum(left: ValueSeries | HistogramSeries, right: ValueSeries | HistogramSeries): ValueSeries | HistogramSeries {
  if ("value" in left || "value" in right) {
    return { labels: left.labels, value: (left as ValueSeries).value + (right as ValueSeries).value };
  }
  return {
    labels: left.labels,
    count: left.count + right.count,
    sum: left.sum + right.sum,
    // Of the same length: their bounds were compared.
    buckets: left.buckets.map(({ le, count }, i) => ({ le, count: count + (right.buckets[i]?.count ?? 0) })),
  };
}

function keyOf(labels: Labels): string {
  return JSON.stringify(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)));
}
