import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Code } from "@sampan/core";
import type { Span } from "@sampan/core/ports";
import fc from "fast-check";
import { tracesPage } from "../admin/traces-page.js";
import { createMeter, type MetricsRegistry } from "../metrics/registry.js";
import type { HistogramSeries, MetricFamily, ValueSeries } from "../metrics/snapshot.js";
import { ringTracer } from "../traces/ring-tracer.js";
import { mergeMetrics } from "./merge-metrics.js";
import { decodeSnapshot, encodeSnapshot } from "./snapshot-text.js";
import { WorkerFigures } from "./worker-figures.js";
import { workerPages } from "./worker-pages.js";

const buckets = [1, 10];

function meterOf(calls: number, durations: readonly number[] = [], inFlight = 0): MetricsRegistry {
  const meter = createMeter();
  meter.counter({ name: "calls_total", help: "Calls." }, { method: "Get" }).add(calls);
  const histogram = meter.histogram({ name: "seconds", help: "Time.", buckets });
  for (const each of durations) histogram.record(each);
  meter.gauge({ name: "in_flight", help: "Now." }).set(inFlight);
  meter.gauge({ name: "process_resident_memory_bytes", help: "Memory." }).set(calls * 1000);
  return meter;
}

function figureOf(families: readonly MetricFamily[], name: string): number | undefined {
  return (families.find((each) => each.name === name)?.series[0] as ValueSeries | undefined)?.value;
}

describe("metrics of several workers", () => {
  it("are added, but for gauges of the processes themselves, which are kept apart", () => {
    const { families, conflicts } = mergeMetrics([
      { worker: "1", families: meterOf(3, [0.5, 5], 2).snapshot() },
      { worker: "2", families: meterOf(4, [5, 50], 1).snapshot() },
    ]);
    assert.equal(conflicts, 0);
    assert.deepEqual(
      families.map(({ name, series }) => [name, series]),
      [
        ["calls_total", [{ labels: { method: "Get" }, value: 7 }]],
        ["in_flight", [{ labels: {}, value: 3 }]],
        [
          "process_resident_memory_bytes",
          [
            { labels: { worker: "1" }, value: 3000 },
            { labels: { worker: "2" }, value: 4000 },
          ],
        ],
        [
          "seconds",
          [
            {
              labels: {},
              count: 4,
              sum: 60.5,
              buckets: [
                { le: 1, count: 1 },
                { le: 10, count: 3 },
                { le: Number.POSITIVE_INFINITY, count: 4 },
              ],
            },
          ],
        ],
      ],
    );
  });

  it("come out as if one process had counted everything", () => {
    const event = fc.record({ worker: fc.integer({ min: 0, max: 2 }), label: fc.string(), value: fc.nat(100) });
    fc.assert(
      fc.property(fc.array(event), (events) => {
        const alone = createMeter();
        const workers = [createMeter(), createMeter(), createMeter()];
        for (const { worker, label, value } of events) {
          for (const meter of [alone, workers[worker] as MetricsRegistry]) {
            meter.counter({ name: "a_total", help: "" }, { label }).add(value + 1);
            meter.histogram({ name: "h", help: "", buckets }, { label }).record(value);
          }
        }
        const sorted = (families: readonly MetricFamily[]) =>
          families.map(({ name, series }) => [
            name,
            [...series].sort((a, b) => ((a.labels.label ?? "") < (b.labels.label ?? "") ? -1 : 1)),
          ]);
        const contributions = workers.map((meter, i) => ({ worker: String(i), families: meter.snapshot() }));
        assert.deepEqual(sorted(mergeMetrics(contributions).families), sorted(alone.snapshot()));
      }),
      { numRuns: 50 },
    );
  });

  it("that do not fit are left out and counted: another type, or other buckets", () => {
    const other = createMeter();
    other.gauge({ name: "calls_total", help: "" }).set(1);
    other.histogram({ name: "seconds", help: "", buckets: [1] }).record(1);
    const { families, conflicts } = mergeMetrics([
      { worker: "1", families: meterOf(3, [0.5]).snapshot() },
      { worker: "2", families: other.snapshot() },
    ]);
    assert.equal(conflicts, 2);
    assert.equal(figureOf(families, "calls_total"), 3);
    const seconds = families.find(({ name }) => name === "seconds")?.series[0] as HistogramSeries | undefined;
    assert.equal(seconds?.count, 1);
  });
});

describe("the figures of workers that come and go", () => {
  it("keep what a worker counted when it has ended, and not its gauges", () => {
    const figures = new WorkerFigures();
    figures.reported(1, 1, meterOf(5, [1], 3).snapshot());
    figures.reported(2, 2, meterOf(7, [1], 1).snapshot());
    figures.ended(1);
    figures.ended(1);
    const { families } = figures.merged([]);
    assert.equal(figureOf(families, "calls_total"), 12);
    assert.equal(figureOf(families, "in_flight"), 1);
    assert.deepEqual(
      families.find(({ name }) => name === "process_resident_memory_bytes")?.series.map(({ labels }) => labels.worker),
      ["2"],
    );
    // Its successor counts from nothing.
    figures.reported(3, 1, meterOf(1, [], 1).snapshot());
    assert.equal(figureOf(figures.merged([]).families, "calls_total"), 13);
  });

  it("never go down, whoever reports, ends or is replaced", () => {
    const step = fc.record({ place: fc.integer({ min: 1, max: 3 }), calls: fc.nat(50), ends: fc.boolean() });
    fc.assert(
      fc.property(fc.array(step), (steps) => {
        const figures = new WorkerFigures();
        const own = meterOf(1).snapshot();
        const living = new Map<number, { readonly id: number; readonly meter: MetricsRegistry }>();
        let ids = 0;
        let before = 0;
        for (const { place, calls, ends } of steps) {
          const worker = living.get(place) ?? { id: ++ids, meter: createMeter() };
          living.set(place, worker);
          worker.meter.counter({ name: "calls_total", help: "" }, { method: "Get" }).add(calls);
          figures.reported(worker.id, place, worker.meter.snapshot());
          const reported = figureOf(figures.merged(own).families, "calls_total") ?? 0;
          if (reported !== Math.max(before, 1) + calls) return false;
          if (ends) {
            figures.ended(worker.id);
            living.delete(place);
          }
          before = figureOf(figures.merged(own).families, "calls_total") ?? 0;
          if (before !== reported) return false;
        }
        return true;
      }),
      { numRuns: 50 },
    );
  });
});

describe("a snapshot as text", () => {
  it("comes out as it went in, also numbers that JSON lacks", () => {
    const meter = meterOf(3, [0.5, 1e300]);
    meter.gauge({ name: "odd", help: "" }, { v: "nan" }).set(Number.NaN);
    meter.gauge({ name: "odd", help: "" }, { v: "low" }).set(Number.NEGATIVE_INFINITY);
    const snapshot = meter.snapshot();
    assert.deepEqual(decodeSnapshot(encodeSnapshot(snapshot)), snapshot);
  });

  it("is refused with the place that is wrong", () => {
    const series = (each: object) => JSON.stringify([{ name: "a", help: "", type: "histogram", series: [each] }]);
    const wrong: readonly [string, RegExp][] = [
      ["", /not JSON/],
      ["{}", /the snapshot .* is not a list/],
      ["[null]", /a metric .* is not an object/],
      ['[{"name":1}]', /the name of a metric .* is not text/],
      ['[{"name":"a","help":"","type":"x"}]', /the type of a .* is unknown/],
      ['[{"name":"a","help":"","type":"gauge","series":[{"labels":{},"value":"1"}]}]', /a value of a .* not a number/],
      ['[{"name":"a","help":"","type":"gauge","series":[{"labels":{"x":1},"value":1}]}]', /a label of a .* not text/],
      [series({ labels: {}, count: 1, sum: 1 }), /the buckets of a .* not a list/],
      [series({ labels: [], count: 1, sum: 1, buckets: [] }), /the labels of a .* not an object/],
      [series({ labels: {}, count: 1, sum: 1, buckets: [{ le: null, count: 1 }] }), /a bound of a .* not a number/],
    ];
    for (const [text, message] of wrong) {
      assert.throws(
        () => decodeSnapshot(text),
        (error: Error) => error instanceof TypeError && message.test(error.message),
      );
    }
  });

  it("is accepted or refused with a TypeError, and never anything else", () => {
    fc.assert(
      fc.property(fc.oneof(fc.json(), fc.string()), (text) => {
        try {
          decodeSnapshot(text);
          return true;
        } catch (error) {
          return error instanceof TypeError;
        }
      }),
    );
  });
});

describe("the pages of several workers", () => {
  const span = (traceId: string, startedAt: number): Span => ({
    traceId: traceId.repeat(32),
    spanId: String(startedAt),
    parentSpanId: "",
    links: [],
    name: "x",
    service: "x",
    kind: "server",
    startedAt,
    durationMs: 1,
    code: Code.OK,
    events: [],
  });
  const own = ringTracer(10);
  const others = [ringTracer(10), ringTracer(10)];
  own.record(span("a", 3));
  others[0]?.record(span("a", 1));
  others[1]?.record(span("b", 4));
  others[1]?.record(span("a", 5));
  const [metrics, traces] = workerPages({
    metrics: () => Promise.resolve(meterOf(3).snapshot()),
    traces: (query) => Promise.all(others.map((tracer) => tracesPage(tracer).answer(query))),
    tracer: own,
  });
  const ask = async (query: string) => {
    const { status, body } = await (traces as NonNullable<typeof traces>).answer(new URLSearchParams(query));
    return { status, body: JSON.parse(body) as { kept: number; spans: Span[] } };
  };
  const started = async (query: string) => (await ask(query)).body.spans.map(({ startedAt }) => startedAt);

  it("show the metrics of all", async () => {
    assert.equal(metrics?.path, "/metrics");
    assert.match((await metrics?.answer(new URLSearchParams()))?.body ?? "", /^calls_total\{method="Get"\} 3$/m);
  });

  it("show the newest spans of all, up to the limit, and one trace in order", async () => {
    assert.deepEqual(await started(""), [5, 4, 3, 1]);
    assert.deepEqual(await started("limit=2"), [5, 4]);
    assert.equal((await ask("")).body.kept, 4);
    assert.deepEqual(await started(`trace=${"a".repeat(32)}`), [1, 3, 5]);
    assert.deepEqual(await started(`trace=${"b".repeat(32)}`), [4]);
  });

  it("refuse what one worker would refuse, and say when no worker has a trace", async () => {
    assert.equal((await ask("limit=-1")).status, 400);
    assert.equal((await ask("trace=x")).status, 400);
    assert.equal((await ask(`trace=${"c".repeat(32)}`)).status, 404);
  });
});
