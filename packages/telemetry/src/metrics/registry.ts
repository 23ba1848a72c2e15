import type { Counter, Gauge, Histogram, InstrumentOptions, Labels, Meter } from "@sampan/core/ports";
import { exposition } from "./exposition.js";
import { Family } from "./family.js";
import type { MetricFamily, MetricType } from "./snapshot.js";

export interface MeterOptions {
  /** Sets of labels that one name may have before the rest goes into its overflow series. Default 1000. */
  readonly maxSeries?: number;
}

/** The metrics of a process. Asking for an instrument throws `TypeError` for what Prometheus would not take. */
export interface MetricsRegistry extends Meter {
  /** Called before each snapshot, to set what is only known by asking. The returned function ends it. */
  onCollect(refresh: () => void): () => void;
  /** Every metric, ordered by name. */
  snapshot(): readonly MetricFamily[];
  /** The snapshot in Prometheus's text format. */
  expose(): string;
}

const overflowMetric = "telemetry_overflowed_instruments_total";

export function createMeter(options: MeterOptions = {}): MetricsRegistry {
  const { maxSeries = 1000 } = options;
  const families = new Map<string, Family>();
  const refreshers = new Set<() => void>();

  const bind = (type: MetricType, options: InstrumentOptions, labels: Labels): unknown => {
    let family = families.get(options.name);
    if (family === undefined) {
      family = new Family(type, options, maxSeries);
      for (const name of family.sampleNames()) {
        const other = families.get(name) ?? [...families.values()].find((each) => each.sampleNames().includes(name));
        if (other !== undefined)
          throw new TypeError(`metrics ${family.name} and ${other.name} would both write ${name}`);
      }
      families.set(options.name, family);
    } else {
      family.require(type, options);
    }
    return family.bind(labels, () => overflowed(options.name));
  };
  const overflowed = (metric: string): void => {
    // Its own overflow is not counted, or there would be no end to it.
    if (metric === overflowMetric) return;
    const help = "Instruments that found no room under their metric's limit of label sets.";
    meter.counter({ name: overflowMetric, help }, { metric }).add();
  };
  const meter: MetricsRegistry = {
    counter: (options, labels = {}) => bind("counter", options, labels) as Counter,
    gauge: (options, labels = {}) => bind("gauge", options, labels) as Gauge,
    histogram: (options, labels = {}) => bind("histogram", options, labels) as Histogram,
    onCollect(refresh) {
      refreshers.add(refresh);
      return () => void refreshers.delete(refresh);
    },
    snapshot() {
      for (const refresh of refreshers) refresh();
      const all = [...families.values()].map((family) => family.snapshot());
      return all.sort((a, b) => (a.name < b.name ? -1 : 1));
    },
    expose: () => exposition(meter.snapshot()),
  };
  return meter;
}
