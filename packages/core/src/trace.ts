import { drawIds, spanIdOf, traceIdOf } from "./trace-ids.js";

/** W3C Trace Context, level 1: lower-case hex, 32 and 16 digits. */
export interface TraceContext {
  readonly traceId: string;
  readonly spanId: string;
  /** The span that caused this one; empty at the root of a trace. */
  readonly parentSpanId: string;
  readonly sampled: boolean;
}

/**
 * A new trace, or a new span of the trace that a `traceparent` value names. A bad value starts a new trace, as W3C asks,
 * which is sampled. New ids are made of the draw `ids`: the same one gives the same ids.
 */
export function traceFrom(traceparent: string | undefined, ids: number = drawIds()): TraceContext {
  const spanId = spanIdOf(ids);
  const flags = traceparent === undefined ? -1 : flagsOf(traceparent);
  if (traceparent === undefined || flags < 0)
    return { traceId: traceIdOf(ids), spanId, parentSpanId: "", sampled: true };
  const traceId = traceparent.slice(traceIdAt, traceIdAt + 32);
  const parentSpanId = traceparent.slice(spanIdAt, spanIdAt + 16);
  return { traceId, spanId, parentSpanId, sampled: (flags & 1) === 1 };
}

/** A new span below another of this process. */
export function childTrace(parent: TraceContext, ids: number = drawIds()): TraceContext {
  return { traceId: parent.traceId, spanId: spanIdOf(ids), parentSpanId: parent.spanId, sampled: parent.sampled };
}

/** The header value that makes a receiver's span a child of this one. */
export function traceparent(trace: TraceContext): string {
  return `00-${trace.traceId}-${trace.spanId}-${trace.sampled ? "01" : "00"}`;
}

/**
 * Whether what `traceFrom` would give is sampled.
 *
 * Hot: once for each call that is traced (bench `layers`). A bad value starts a new trace, which is sampled too, so a
 * value has to be judged only when its flag says no.
 */
export function isSampled(traceparent: string | undefined): boolean {
  if (traceparent === undefined) return true;
  const last = traceparent.charCodeAt(flagsAt + 1);
  // The codes of the digits a to f are odd where the digits are even.
  const flag = (last > nine ? ~last : last) & 1;
  return flag === 1 || flagsOf(traceparent) < 0;
}

const traceIdAt = 3;
const spanIdAt = 36;
const flagsAt = 53;
/** Of version 00. */
const wholeLength = 55;
const dash = 0x2d;
const nine = 0x39;

/** The flags of a valid value; -1 for a bad one. Reads by position, because a regular expression takes 250 ns here. */
function flagsOf(traceparent: string): number {
  if (traceparent.length < wholeLength) return -1;
  const version = hexAt(traceparent, 0, 2);
  if (version < 0 || version === 0xff) return -1;
  // Later versions may add fields behind the flags; version 00 has none.
  if (traceparent.length > wholeLength && (version === 0 || !/^-.*$/.test(traceparent.slice(wholeLength)))) return -1;
  for (const at of [traceIdAt, spanIdAt, flagsAt]) if (traceparent.charCodeAt(at - 1) !== dash) return -1;
  // Ids of nothing but zeros are not valid.
  if (hexAt(traceparent, traceIdAt, 32) <= 0 || hexAt(traceparent, spanIdAt, 16) <= 0) return -1;
  return hexAt(traceparent, flagsAt, 2);
}

/** What lower-case hex digits stand for, roughly when there are many; -1 when something else is among them. */
function hexAt(text: string, from: number, count: number): number {
  let value = 0;
  for (let at = from; at < from + count; at++) {
    const code = text.charCodeAt(at);
    if (code >= 0x30 && code <= nine) value = value * 16 + code - 0x30;
    else if (code >= 0x61 && code <= 0x66) value = value * 16 + code - 0x57;
    else return -1;
  }
  return value;
}
