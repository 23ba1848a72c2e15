import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { childTrace, isSampled, traceFrom, traceparent } from "./trace.js";

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

  test("one draw gives one trace, however often it is asked for", () => {
    for (const value of [undefined, "bad", `00-${traceId}-${spanId}-01`])
      assert.deepEqual(traceFrom(value, 5), traceFrom(value, 5));
    assert.notEqual(traceFrom(undefined, 5).traceId, traceFrom(undefined, 6).traceId);
  });

  test("ids do not repeat", () => {
    const ids = new Set(Array.from({ length: 20_000 }, () => traceFrom(undefined).spanId));
    assert.equal(ids.size, 20_000);
  });
});

/** Trace Context, level 1, section 3.2, as one expression. */
const valid =
  /^(?!ff)(?:00|(?!00)[0-9a-f]{2}(?=.{53}$|.{53}-))-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(.*)$/;

test("reads the values that the specification describes, and no others", () => {
  const digits = (count: number, more = "") =>
    fc.string({ unit: fc.constantFrom(..."00000019af", ...more), minLength: count, maxLength: count });
  const field = (count: number) => fc.oneof({ weight: 6, arbitrary: digits(count) }, digits(count, "AGg-š \n"));
  const dash = fc.oneof({ weight: 20, arbitrary: fc.constant("-") }, fc.constantFrom("", "_", "0", "--"));
  const rest = fc.constantFrom("", "", "", "", "-", "-x", "x", "-x\n");
  const version = fc.constantFrom("00", "00", "01", "cc", "ff", "0", "CC");
  const values = fc.tuple(version, dash, field(32), dash, field(16), dash, field(2), rest).map((all) => all.join(""));
  let good = 0;
  fc.assert(
    fc.property(values, (value) => {
      const match = valid.exec(value);
      const known = match !== null && (match[4] === "" || !value.startsWith("00"));
      const trace = traceFrom(value);
      if (known) good++;
      assert.equal(trace.parentSpanId, known ? match[2] : "");
      assert.equal(trace.traceId === value.slice(3, 35), known);
      assert.equal(trace.sampled, known ? (Number.parseInt(match[3] as string, 16) & 1) === 1 : true);
      assert.equal(isSampled(value), trace.sampled);
    }),
    { numRuns: 3000 },
  );
  assert.ok(good > 300, `only ${good} were valid`);
  assert.equal(isSampled(undefined), true);
});
