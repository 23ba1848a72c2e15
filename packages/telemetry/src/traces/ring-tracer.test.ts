import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Call, type CallInit, Code, Runtime } from "@sampan/core";
import type { Span } from "@sampan/core/ports";
import { createFakeClock } from "@sampan/testkit";
import { type RingTracer, ringTracer } from "./ring-tracer.js";

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

describe("the ring of calls", () => {
  const source = { name: "a.B/C", service: "order", kind: "server" } as const;
  const runtime = new Runtime({ name: "order", connect: () => assert.fail("calls nobody"), clock: createFakeClock() });
  const received = `00-${"a".repeat(32)}-${"b".repeat(16)}-01`;
  const callWith = (init: Partial<CallInit>) =>
    new Call({ runtime, side: "server", name: "/a.B/C", deadline: Number.POSITIVE_INFINITY, ...init });
  const record = (tracer: RingTracer, call: Call, durationMs = 2) =>
    tracer.recordCall(call, source, 1.5, durationMs, Code.OK, []);

  it("makes the span that the call's trace describes, whoever reads first, and the same one each time", () => {
    const parent = callWith({});
    for (const traceparent of [undefined, "bad", received]) {
      for (const init of [{ traceparent }, { traceparent, parent }]) {
        const tracer = ringTracer(2);
        const call = callWith(init);
        record(tracer, call);
        const [before] = tracer.recent();
        const { traceId, spanId, parentSpanId } = call.trace;
        const ends = { startedAt: 1.5, durationMs: 2, code: Code.OK, links: [], events: [] };
        assert.deepEqual(before, { traceId, spanId, parentSpanId, ...source, ...ends });
        assert.deepEqual(tracer.recent(), [before]);
        assert.deepEqual(tracer.trace(traceId), [before]);
      }
    }
  });

  it("leaves out what is not sampled, and its parent's children", () => {
    const tracer = ringTracer(2);
    const unsampled = callWith({ traceparent: received.replace(/1$/, "0") });
    record(tracer, unsampled);
    record(tracer, callWith({ parent: unsampled }));
    assert.equal(tracer.size, 0);
    record(tracer, callWith({ traceparent: "bad-00" }));
    assert.equal(tracer.size, 1);
  });

  it("keeps links and events, and nothing of what stood in a slot before", () => {
    const tracer = ringTracer(1);
    const events = [{ name: "e", at: 1, attributes: {} }];
    tracer.recordCall(callWith({ links: [received] }), source, 1, 1, Code.Internal, events);
    const [full] = tracer.recent({ failed: true });
    assert.deepEqual([full?.links, full?.events, full?.code], [[received], events, Code.Internal]);
    record(tracer, callWith({ traceparent: received }));
    const [plain] = tracer.recent();
    assert.deepEqual([plain?.links, plain?.events, plain?.code], [[], [], Code.OK]);
    tracer.record(span(7));
    assert.deepEqual(tracer.recent(), [span(7)]);
    record(tracer, callWith({}));
    assert.equal(tracer.recent()[0]?.parentSpanId, "");
    assert.equal(tracer.dropped, 3);
  });

  it("filters spans and calls alike", () => {
    const tracer = ringTracer(3);
    tracer.record(span(1, { service: "pay" }));
    record(tracer, callWith({}), 9);
    assert.deepEqual(
      tracer.recent({ service: "order" }).map(({ durationMs }) => durationMs),
      [9],
    );
    assert.equal(tracer.recent({ minDurationMs: 10 }).length, 0);
  });
});
