import { type Call, Code, type Layer, type RpcError } from "@sampan/core";
import type { SpanEvent, Tracer } from "@sampan/core/ports";
import { type CallTracer, type SpanSource, takesCalls } from "../traces/call-tracer.js";

/** Records a span for each call, on the client and on the server, for all four kinds. Traces that are not sampled are not. */
export function tracing(tracer: Tracer): Layer {
  return (next, method) => {
    const record = recorder(tracer, method.path.slice(1));
    return (request, call) => {
      call.began();
      call.onSettle(record);
      return next(request, call);
    };
  };
}

/** Records a span when a call settles. For root calls, which pass no layer; `name` is the call's own by default. */
export function traceCall(tracer: Tracer, call: Call, name: string = call.name): void {
  call.began();
  call.onSettle(recorder(tracer, name));
}

type SpanKind = SpanSource["kind"];

/** Hot path: one function for all calls of a method, which allocates nothing for those that end well. */
function recorder(tracer: Tracer, name: string): (error: RpcError | undefined, call: Call) => void {
  const calls = takesCalls(tracer) ? tracer : assembling(tracer);
  let source: SpanSource | undefined;
  return (error, call) => {
    const kind: SpanKind = call.side === "root" ? "internal" : call.side;
    const service = call.runtime.name;
    if (source === undefined || source.kind !== kind || source.service !== service) source = { name, service, kind };
    const durationMs = call.elapsed();
    const startedAt = preciseStart(call.startedAt, call.began());
    let { events } = call;
    if (error !== undefined || call.method?.serverStreams === true) {
      events = allEvents(call, error, startedAt + durationMs);
    }
    calls.recordCall(call, source, startedAt, durationMs, error === undefined ? Code.OK : error.code, events);
  };
}

function allEvents(call: Call, error: RpcError | undefined, endedAt: number): readonly SpanEvent[] {
  let { events } = call;
  if (call.method?.serverStreams === true && call.firstMessageAt > 0) {
    events = [...events, { name: "first message", at: call.firstMessageAt, attributes: {} }];
  }
  if (error !== undefined) {
    const attributes = { message: error.message, reason: error.reason };
    events = [...events, { name: "error", at: endedAt, attributes }];
  }
  return events;
}

/** For tracers that take finished spans. */
function assembling(tracer: Tracer): Pick<CallTracer, "recordCall"> {
  return {
    recordCall(call, { name, service, kind }, startedAt, durationMs, code, events) {
      const { traceId, spanId, parentSpanId, sampled } = call.trace;
      if (!sampled) return;
      const { links } = call;
      tracer.record({
        ...{ traceId, spanId, parentSpanId, links },
        ...{ name, service, kind, startedAt, durationMs, code, events },
      });
    },
  };
}

/** The epoch on the monotonic clock, found out from the first call and again when the wall clock is set. */
let epoch = 0;
/** A call's `startedAt` is cut to a millisecond and taken a little before its layers begin. */
const tolerance = 3;

/**
 * When a call started, finer than a millisecond, so that calls that take less stand in their order. Wall clock time is
 * only known in whole milliseconds, which is where the monotonic clock is pinned.
 */
function preciseStart(startedAt: number, began: number): number {
  const precise = epoch + began;
  if (precise >= startedAt && precise < startedAt + tolerance) return precise;
  epoch = startedAt - began;
  return startedAt;
}
