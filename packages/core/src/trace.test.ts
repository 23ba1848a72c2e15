import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { childTrace, traceFrom, traceparent } from "./trace.js";

const traceId = "0af7651916cd43dd8448eb211c80319c";
const spanId = "b7ad6b7169203331";

describe("traceFrom", () => {
  test("goes on with the trace that is named, as a child of its span", () => {
    const trace = traceFrom(`00-${traceId}-${spanId}-01`);
    assert.equal(trace.traceId, traceId);
    assert.equal(trace.parentSpanId, spanId);
    assert.match(trace.spanId, /^[0-9a-f]{16}$/);
    assert.notEqual(trace.spanId, spanId);
    assert.equal(trace.sampled, true);
    assert.equal(traceFrom(`00-${traceId}-${spanId}-02`).sampled, false);
  });

  test("reads later versions by the fields it knows", () => {
    for (const value of [`cc-${traceId}-${spanId}-01`, `cc-${traceId}-${spanId}-01-what-the-future`]) {
      assert.equal(traceFrom(value).traceId, traceId);
    }
  });

  for (const [why, value] of [
    ["nothing", undefined],
    ["an empty text", ""],
    ["version ff", `ff-${traceId}-${spanId}-01`],
    ["upper case", `00-${traceId.toUpperCase()}-${spanId}-01`],
    ["a zero trace id", `00-${"0".repeat(32)}-${spanId}-01`],
    ["a zero span id", `00-${traceId}-${"0".repeat(16)}-01`],
    ["a short trace id", `00-${traceId.slice(1)}-${spanId}-01`],
    ["more fields than version 00 has", `00-${traceId}-${spanId}-01-extra`],
    ["a later version with something that is no field", `cc-${traceId}-${spanId}-01.extra`],
    ["a line break", `00-${traceId}-${spanId}-01\n`],
  ] as const) {
    test(`starts a new trace for ${why}`, () => {
      const trace = traceFrom(value);
      assert.match(trace.traceId, /^[0-9a-f]{32}$/);
      assert.notEqual(trace.traceId, traceId);
      assert.equal(trace.parentSpanId, "");
    });
  }

  test("what is written is what is read", () => {
    const trace = traceFrom(undefined);
    const child = traceFrom(traceparent(trace));
    assert.equal(child.traceId, trace.traceId);
    assert.equal(child.parentSpanId, trace.spanId);
    assert.equal(childTrace(child).parentSpanId, child.spanId);
    assert.equal(childTrace(traceFrom(`00-${traceId}-${spanId}-00`)).sampled, false);
  });

  test("ids do not repeat", () => {
    const ids = new Set(Array.from({ length: 20_000 }, () => traceFrom(undefined).spanId));
    assert.equal(ids.size, 20_000);
  });
});
