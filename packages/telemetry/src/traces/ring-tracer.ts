import type { Span } from "@sampan/core/ports";
import type { CallTracer } from "./call-tracer.js";
import { SpanColumns } from "./span-columns.js";

export interface RecentSpansQuery {
  /** Default 100. */
  readonly limit?: number;
  readonly service?: string;
  /** Milliseconds. */
  readonly minDurationMs?: number;
  /** Only spans that did not end with OK. */
  readonly failed?: boolean;
}

/** The last spans of a process, in memory. When it is full each new span takes the place of the oldest. */
export interface RingTracer extends CallTracer {
  readonly capacity: number;
  readonly size: number;
  /** Spans that made room for newer ones. */
  readonly dropped: number;
  /** Newest first. */
  recent(query?: RecentSpansQuery): Span[];
  /** The spans of a trace that are still here, in the order in which they started. */
  trace(traceId: string): Span[];
}

/** `capacity` is a number of spans (about 70 octets each). Default 10000. */
export function ringTracer(capacity = 10_000): RingTracer {
  if (!Number.isSafeInteger(capacity) || capacity < 1) throw new TypeError(`a ring of ${capacity} spans`);
  const columns = new SpanColumns(capacity);
  let next = 0;
  let full = false;
  let dropped = 0;

  const advance = (): void => {
    if (full) dropped++;
    next++;
    if (next === capacity) {
      next = 0;
      full = true;
    }
  };

  return {
    capacity,
    get size() {
      return columns.size;
    },
    get dropped() {
      return dropped;
    },
    record(span) {
      columns.putSpan(next, span);
      advance();
    },
    recordCall(call, source, startedAt, durationMs, code, events) {
      if (columns.putCall(next, call, source, startedAt, durationMs, code, events)) advance();
    },
    recent({ limit = 100, service, minDurationMs = 0, failed = false } = {}) {
      const found: Span[] = [];
      const { size } = columns;
      for (let back = 1; back <= size && found.length < limit; back++) {
        const slot = (next - back + size) % size;
        if (service !== undefined && columns.service(slot) !== service) continue;
        if (columns.durationMs(slot) < minDurationMs || (failed && columns.code(slot) === 0)) continue;
        found.push(columns.span(slot));
      }
      return found;
    },
    // A scan and not an index: looking up is rare and takes milliseconds, recording is on every call's path.
    trace(traceId) {
      const spans = columns.slotsOf(traceId).map((slot) => columns.span(slot));
      return spans.sort((a, b) => a.startedAt - b.startedAt);
    },
  };
}
