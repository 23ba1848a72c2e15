import { randomFillSync } from "node:crypto";

/** W3C Trace Context, level 1: lower-case hex, 32 and 16 digits. */
export interface TraceContext {
  readonly traceId: string;
  readonly spanId: string;
  /** The span that caused this one; empty at the root of a trace. */
  readonly parentSpanId: string;
  readonly sampled: boolean;
}

const pattern = /^[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;

/** A new trace, or a new span of the trace that a `traceparent` value names. A bad value starts a new trace, as W3C asks. */
export function traceFrom(traceparent: string | undefined, sampled = true): TraceContext {
  const parent = traceparent === undefined ? undefined : parse(traceparent);
  if (parent === undefined) return { traceId: randomHex(16), spanId: randomHex(8), parentSpanId: "", sampled };
  return { ...parent, spanId: randomHex(8), parentSpanId: parent.spanId };
}

/** A new span below another of this process. */
export function childTrace(parent: TraceContext): TraceContext {
  return { traceId: parent.traceId, spanId: randomHex(8), parentSpanId: parent.spanId, sampled: parent.sampled };
}

/** The header value that makes a receiver's span a child of this one. */
export function traceparent(trace: TraceContext): string {
  return `00-${trace.traceId}-${trace.spanId}-${trace.sampled ? "01" : "00"}`;
}

function parse(value: string): Omit<TraceContext, "parentSpanId"> | undefined {
  const match = pattern.exec(value);
  if (match === null || value.startsWith("ff")) return undefined;
  // Later versions may add fields behind the flags; version 00 has none.
  if (value.length > 55 && value.startsWith("00")) return undefined;
  const [, traceId, spanId, flags] = match as unknown as [string, string, string, string];
  if (/^0+$/.test(traceId) || /^0+$/.test(spanId)) return undefined;
  return { traceId, spanId, sampled: (Number.parseInt(flags, 16) & 1) === 1 };
}

// Random bytes are drawn a page at a time: one system call per call would cost more than the rest of the call.
const pool = Buffer.alloc(4096);
let used = pool.length;

function randomHex(bytes: number): string {
  if (used + bytes > pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  used += bytes;
  return pool.toString("hex", used - bytes, used);
}
