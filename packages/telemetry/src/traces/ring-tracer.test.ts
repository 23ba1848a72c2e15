import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Code } from "@sampan/core";
import type { Span } from "@sampan/core/ports";
import { ringTracer } from "./ring-tracer.js";

const span = (n: number, more: Partial<Span> = {}): Span => ({
  traceId: "t",
  spanId: String(n),
  parentSpanId: "",
  links: [],
  name: "a.B/C",
  service: "order",
  kind: "server",
  startedAt: n,
  durationMs: n,
  code: Code.OK,
  events: [],
  ...more,
});
const ids = (spans: readonly Span[]): number[] => spans.map((each) => Number(each.spanId));

describe("the ring of spans", () => {
  it("gives the newest first, before and after it is full", () => {
    const tracer = ringTracer(3);
    assert.deepEqual(tracer.recent(), []);
    tracer.record(span(1));
    tracer.record(span(2));
    assert.deepEqual(ids(tracer.recent()), [2, 1]);
    for (const n of [3, 4, 5]) tracer.record(span(n));
    assert.deepEqual(ids(tracer.recent()), [5, 4, 3]);
    assert.deepEqual([tracer.size, tracer.capacity, tracer.dropped], [3, 3, 2]);
  });

  it("finds a trace in the order of its starts", () => {
    const tracer = ringTracer(10);
    for (const n of [3, 1, 2]) tracer.record(span(n));
    tracer.record(span(9, { traceId: "other" }));
    assert.deepEqual(ids(tracer.trace("t")), [1, 2, 3]);
    assert.deepEqual(tracer.trace("none"), []);
  });

  it("filters by service, duration and failure", () => {
    const tracer = ringTracer(10);
    for (const n of [1, 2, 3]) tracer.record(span(n));
    tracer.record(span(4, { service: "pay", code: Code.Internal }));
    assert.deepEqual(ids(tracer.recent({ service: "order", limit: 2 })), [3, 2]);
    assert.deepEqual(ids(tracer.recent({ minDurationMs: 3 })), [4, 3]);
    assert.deepEqual(ids(tracer.recent({ failed: true })), [4]);
  });

  it("refuses a ring of nothing", () => {
    assert.throws(() => ringTracer(0), TypeError);
  });
});
