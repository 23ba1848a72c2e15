import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { createMeter } from "./registry.js";
import type { HistogramSeries, MetricFamily } from "./snapshot.js";

describe("the metrics registry", () => {
  it("gives the same instrument for the same name and labels, in any order", () => {
    const meter = createMeter();
    const first = meter.counter({ name: "a_total", help: "" }, { x: "1", y: "2" });
    assert.equal(meter.counter({ name: "a_total", help: "" }, { y: "2", x: "1" }), first);
    assert.notEqual(meter.counter({ name: "a_total", help: "" }, { y: "2" }), first);
  });

  it("does not mix label sets whose values hold separators", () => {
    const meter = createMeter();
    fc.assert(
      fc.property(fc.string(), fc.string(), fc.string(), fc.string(), (a, b, c, d) => {
        const same = a === c && b === d;
        const one = meter.gauge({ name: "g", help: "" }, { a, b });
        return (meter.gauge({ name: "g", help: "" }, { a: c, b: d }) === one) === same;
      }),
      { numRuns: 50 },
    );
  });

  it("writes Prometheus's text format with everything escaped", () => {
    const meter = createMeter();
    meter.counter({ name: "b_total", help: 'back\\slash\nline "quoted"' }, { path: 'C:\\x\n"y"' }).add(2);
    meter.gauge({ name: "a", help: "first" }).set(Number.NEGATIVE_INFINITY);
    meter.gauge({ name: "c", help: "" }).set(Number.NaN);
    const sizes = meter.histogram(
      { name: "size", help: "sizes", buckets: [1, 5, Number.POSITIVE_INFINITY] },
      { m: "x" },
    );
    for (const value of [0.5, 1, 3, 100, Number.NaN]) sizes.record(value);
    assert.equal(
      meter.expose(),
      `# HELP a first
# TYPE a gauge
a -Inf
# HELP b_total back\\\\slash\\nline "quoted"
# TYPE b_total counter
b_total{path="C:\\\\x\\n\\"y\\""} 2
# HELP c 
# TYPE c gauge
c NaN
# HELP size sizes
# TYPE size histogram
size_bucket{m="x",le="1"} 2
size_bucket{m="x",le="5"} 3
size_bucket{m="x",le="+Inf"} 4
size_sum{m="x"} 104.5
size_count{m="x"} 4
`,
    );
  });

  it("keeps histograms cumulative and complete for any values", () => {
    fc.assert(
      fc.property(fc.array(fc.double({ noNaN: true, noDefaultInfinity: true })), (values) => {
        const meter = createMeter();
        const histogram = meter.histogram({ name: "h", help: "", buckets: [-1, 0, 0.5, 10] });
        for (const value of values) histogram.record(value);
        const { buckets, count } = (meter.snapshot()[0] as MetricFamily).series[0] as HistogramSeries;
        return (
          count === values.length &&
          buckets.every(({ le, count }) => count === values.filter((value) => value <= le).length)
        );
      }),
    );
  });

  it("does not let a counter go down", () => {
    const meter = createMeter();
    const counter = meter.counter({ name: "a_total", help: "" });
    for (const amount of [1, -5, Number.NaN, 0, 2]) counter.add(amount);
    assert.deepEqual(meter.snapshot()[0]?.series, [{ labels: {}, value: 3 }]);
  });

  it("puts what is beyond a name's limit into one series, and counts it", () => {
    const meter = createMeter({ maxSeries: 2 });
    for (let user = 0; user < 10; user++) meter.counter({ name: "a_total", help: "" }, { user: String(user) }).add();
    for (let user = 0; user < 3; user++) meter.counter({ name: "b_total", help: "" }, { user: String(user) }).add();
    for (let user = 0; user < 3; user++) meter.counter({ name: "c_total", help: "" }, { user: String(user) }).add();
    const [first, , , overflowed] = meter.snapshot();
    assert.deepEqual(first?.series, [
      { labels: { user: "0" }, value: 1 },
      { labels: { user: "1" }, value: 1 },
      { labels: { overflow: "true" }, value: 8 },
    ]);
    assert.equal(overflowed?.name, "telemetry_overflowed_instruments_total");
    assert.deepEqual(overflowed?.series[0], { labels: { metric: "a_total" }, value: 8 });
  });

  it("refuses what Prometheus would not take", () => {
    const meter = createMeter();
    meter.histogram({ name: "h", help: "", buckets: [1] });
    const wrong: (() => unknown)[] = [
      () => meter.counter({ name: "a-b", help: "" }),
      () => meter.counter({ name: "a\nb 1", help: "" }),
      () => meter.counter({ name: "ok", help: "" }, { "a-b": "1" }),
      () => meter.counter({ name: "ok", help: "" }, { __name: "1" }),
      () => meter.histogram({ name: "h", help: "" }, { le: "1" }),
      () => meter.gauge({ name: "h", help: "" }),
      () => meter.histogram({ name: "h", help: "", buckets: [2] }),
      () => meter.counter({ name: "h_count", help: "" }),
      () => meter.histogram({ name: "g", help: "", buckets: [2, 1] }),
      () => meter.histogram({ name: "g", help: "", buckets: [Number.NaN] }),
    ];
    for (const each of wrong) assert.throws(each, TypeError);
  });

  it("cuts label values that are an accident", () => {
    const meter = createMeter();
    meter.gauge({ name: "g", help: "" }, { url: "x".repeat(10_000) });
    assert.equal(meter.snapshot()[0]?.series[0]?.labels.url?.length, 256);
  });

  it("asks for what must be measured before each snapshot", () => {
    const meter = createMeter();
    const gauge = meter.gauge({ name: "g", help: "" });
    let asked = 0;
    const stop = meter.onCollect(() => gauge.set(++asked));
    meter.snapshot();
    assert.match(meter.expose(), /^g 2$/m);
    stop();
    assert.match(meter.expose(), /^g 2$/m);
  });
});
