import type { InstrumentOptions, Labels } from "@sampan/core/ports";
import { durationBuckets } from "./buckets.js";
import { CounterValue, GaugeValue, HistogramValue } from "./instruments.js";
import type { HistogramSeries, MetricFamily, MetricType, ValueSeries } from "./snapshot.js";

type Instrument = CounterValue | GaugeValue | HistogramValue;

interface Series {
  readonly labels: Labels;
  readonly instrument: Instrument;
}

/** The labels of the one series that takes what is beyond a name's limit. */
const overflowLabels: Labels = { overflow: "true" };
const namePattern = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
const labelPattern = /^(?!__)[a-zA-Z_][a-zA-Z0-9_]*$/;
/** A longer label value is an accident, such as a URL with its query. */
const maxLabelLength = 256;

/**
 * The series of one metric name. Label values often come from outside, so their number is limited: beyond `maxSeries`
 * everything goes into one series labelled `overflow="true"`, and sums stay right.
 */
export class Family {
  readonly name: string;
  readonly type: MetricType;
  readonly #help: string;
  readonly #bounds: readonly number[];
  readonly #maxSeries: number;
  readonly #series = new Map<string, Series>();
  #overflow: Series | undefined;

  /** Throws `TypeError` for a name or for buckets that Prometheus would not take. */
  constructor(type: MetricType, options: InstrumentOptions, maxSeries: number) {
    if (!namePattern.test(options.name)) throw new TypeError(`metric name ${JSON.stringify(options.name)}`);
    this.name = options.name;
    this.type = type;
    this.#help = options.help;
    this.#bounds = boundsOf(options);
    this.#maxSeries = maxSeries;
  }

  /** The names that stand at the beginning of its lines, which no other metric may have. */
  sampleNames(): readonly string[] {
    if (this.type !== "histogram") return [this.name];
    return ["", "_bucket", "_sum", "_count"].map((suffix) => this.name + suffix);
  }

  /** Throws `TypeError` when the same name is asked for as something else. */
  require(type: MetricType, options: InstrumentOptions): void {
    if (type !== this.type) throw new TypeError(`metric ${this.name} is a ${this.type}, and not a ${type}`);
    if (options.buckets !== undefined && boundsOf(options).join() !== this.#bounds.join()) {
      throw new TypeError(`histogram ${this.name} has other buckets: ${this.#bounds.join(", ")}`);
    }
  }

  /** The instrument for a set of labels. `overflowed` is called when there is no room for another one. */
  bind(labels: Labels, overflowed: () => void): Instrument {
    const names = Object.keys(labels).sort();
    const kept: Record<string, string> = {};
    for (const name of names) {
      if (!labelPattern.test(name) || (name === "le" && this.type === "histogram")) {
        throw new TypeError(`metric ${this.name}: label name ${JSON.stringify(name)}`);
      }
      kept[name] = String(labels[name]).slice(0, maxLabelLength);
    }
    const key = JSON.stringify(kept);
    const existing = this.#series.get(key);
    if (existing !== undefined) return existing.instrument;
    if (this.#series.size >= this.#maxSeries) {
      overflowed();
      this.#overflow ??= { labels: overflowLabels, instrument: this.#make() };
      return this.#overflow.instrument;
    }
    const series = { labels: kept, instrument: this.#make() };
    this.#series.set(key, series);
    return series.instrument;
  }

  snapshot(): MetricFamily {
    const all = [...this.#series.values()];
    if (this.#overflow !== undefined) all.push(this.#overflow);
    return { name: this.name, help: this.#help, type: this.type, series: all.map(seriesOf) };
  }

  #make(): Instrument {
    if (this.type === "counter") return new CounterValue();
    return this.type === "gauge" ? new GaugeValue() : new HistogramValue(this.#bounds);
  }
}

function boundsOf({ name, buckets = durationBuckets }: InstrumentOptions): readonly number[] {
  const bounds = buckets.at(-1) === Number.POSITIVE_INFINITY ? buckets.slice(0, -1) : [...buckets];
  const ascending = bounds.every(
    (bound, i) => Number.isFinite(bound) && (i === 0 || bound > (bounds[i - 1] as number)),
  );
  if (!ascending) throw new TypeError(`histogram ${name}: buckets must be numbers in ascending order`);
  return bounds;
}

function seriesOf({ labels, instrument }: Series): ValueSeries | HistogramSeries {
  if (!(instrument instanceof HistogramValue)) return { labels, value: instrument.value };
  let count = 0;
  const buckets = Array.from(instrument.counts, (each, i) => {
    count += each;
    return { le: instrument.bounds[i] ?? Number.POSITIVE_INFINITY, count };
  });
  return { labels, count, sum: instrument.sum, buckets };
}
