import { type Call, Code, type Layer } from "@sampan/core";
import type { SpanEvent, Tracer } from "@sampan/core/ports";

/** Records a span for each call, on the client and on the server, for all four kinds. Traces that are not sampled are not. */
export function tracing(tracer: Tracer): Layer {
  return (next, method) => {
    const name = method.path.slice(1);
    return (request, call) => {
      traceCall(tracer, call, name);
      return next(request, call);
    };
  };
}

/** Records a span when a call settles. For root calls, which pass no layer; `name` is the call's own by default. */
export function traceCall(tracer: Tracer, call: Call, name: string = call.name): void {
  const began = call.runtime.clock.monotonic();
  // Hot path: one closure a call. Ids are drawn only when the call settles, unless something needed them before.
  call.onSettle((error) => {
    const { trace } = call;
    if (!trace.sampled) return;
    const durationMs = call.runtime.clock.monotonic() - began;
    const startedAt = preciseStart(call.startedAt, began);
    let events = call.events;
    if (call.method?.serverStreams === true && call.firstMessageAt > 0) {
      events = [...events, { name: "first message", at: call.firstMessageAt, attributes: {} }];
    }
    if (error !== undefined) {
      const failed: SpanEvent = {
        name: "error",
        at: startedAt + durationMs,
        attributes: { message: error.message, reason: error.reason },
      };
      events = [...events, failed];
    }
    tracer.record({
      traceId: trace.traceId,
      spanId: trace.spanId,
      parentSpanId: trace.parentSpanId,
      links: call.links,
      name,
      service: call.runtime.name,
      kind: call.side === "root" ? "internal" : call.side,
      startedAt,
      durationMs,
      code: error === undefined ? Code.OK : error.code,
      events,
    });
  });
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
