import type { Call, Code } from "@sampan/core";
import type { Span, SpanEvent, Tracer } from "@sampan/core/ports";

/** What spans of the same work have in common: made once for a method, and shared by the spans of its calls. */
export type SpanSource = Pick<Span, "name" | "service" | "kind">;

/**
 * A tracer that can take the span of a call as it stands in the call, so that nothing is made of it before somebody
 * reads. `recordCall` leaves out calls of traces that are not sampled. It is called once, when the call has settled.
 */
export interface CallTracer extends Tracer {
  recordCall(
    call: Call,
    source: SpanSource,
    startedAt: number,
    durationMs: number,
    code: Code,
    events: readonly SpanEvent[],
  ): void;
}

export function takesCalls(tracer: Tracer): tracer is CallTracer {
  return "recordCall" in tracer;
}
