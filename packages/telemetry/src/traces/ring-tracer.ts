import type { Span, Tracer } from "@sampan/core/ports";

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
export interface RingTracer extends Tracer {
  readonly capacity: number;
  readonly size: number;
  /** Spans that made room for newer ones. */
  readonly dropped: number;
  /** Newest first. */
  recent(query?: RecentSpansQuery): Span[];
  /** The spans of a trace that are still here, in the order in which they started. */
  trace(traceId: string): Span[];
}

/** `capacity` is a number of spans (about 0.5 kB each). Default 10000. */
export function ringTracer(capacity = 10_000): RingTracer {
  if (!Number.isSafeInteger(capacity) || capacity < 1) throw new TypeError(`a ring of ${capacity} spans`);
  const slots: Span[] = [];
  let next = 0;
  let dropped = 0;

  function* newestFirst(): Generator<Span> {
    for (let back = 1; back <= slots.length; back++) yield slots[(next - back + slots.length) % slots.length] as Span;
  }

  return {
    capacity,
    get size() {
      return slots.length;
    },
    get dropped() {
      return dropped;
    },
    record(span) {
      if (slots.length === capacity) dropped++;
      slots[next] = span;
      next = next + 1 === capacity ? 0 : next + 1;
    },
    recent({ limit = 100, service, minDurationMs = 0, failed = false } = {}) {
      const found: Span[] = [];
      for (const span of newestFirst()) {
        if (found.length >= limit) break;
        if (service !== undefined && span.service !== service) continue;
        if (span.durationMs < minDurationMs || (failed && span.code === 0)) continue;
        found.push(span);
      }
      return found;
    },
    // A scan and not an index: looking up is rare and takes well under a millisecond, recording is on every call's path.
    trace(traceId) {
      const spans = slots.filter((span) => span.traceId === traceId);
      return spans.sort((a, b) => a.startedAt - b.startedAt);
    },
  };
}
