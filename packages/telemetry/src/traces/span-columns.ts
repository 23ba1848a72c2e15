import { type Call, type Code, childTrace, isSampled, type TraceContext, traceFrom } from "@sampan/core";
import type { Span, SpanEvent } from "@sampan/core/ports";
import type { SpanSource } from "./call-tracer.js";

/**
 * The spans of a ring, by slot: numbers in columns, and ids as what they are made of. They become `Span` objects, the
 * same ones each time, when they are read.
 *
 * Hot, and not an array of `Span`: what a ring keeps outlives the young generation, so that each span, its ids and its
 * lists were copied twice and collected later, which cost more than the call (bench `layers`).
 */
export class SpanColumns {
  /** Grows to the capacity. A span that came as an object is its own source. */
  private readonly sources: SpanSource[] = [];
  /** What each span's trace goes on with: the received `traceparent`, or the span of the calling call. */
  private readonly causes: (string | TraceContext | typeof written | undefined)[] = [];
  /** Received `traceparent`s of the usual length, as octets: texts that are kept would be copied by the collector. */
  private readonly octets: Uint8Array;
  private readonly ids: Float64Array;
  private readonly starts: Float64Array;
  private readonly durations: Float64Array;
  private readonly codes: Uint8Array;
  /** What few spans have. */
  private readonly extras: (Extras | undefined)[] = [];

  constructor(capacity: number) {
    this.octets = new Uint8Array(capacity * usualLength);
    this.ids = new Float64Array(capacity);
    this.starts = new Float64Array(capacity);
    this.durations = new Float64Array(capacity);
    this.codes = new Uint8Array(capacity);
  }

  /** Slots that hold a span. They are filled in order. */
  get size(): number {
    return this.sources.length;
  }

  putSpan(slot: number, span: Span): void {
    const { startedAt, durationMs, code, links, events } = span;
    this.causes[slot] = undefined;
    this.put(slot, span, startedAt, durationMs, code, { span, links, events });
  }

  /** Returns whether the call's trace is sampled; otherwise the slot is as free as it was. */
  putCall(
    slot: number,
    call: Call,
    source: SpanSource,
    startedAt: number,
    durationMs: number,
    code: Code,
    events: readonly SpanEvent[],
  ): boolean {
    const { links, parentTrace, receivedTraceparent } = call;
    if (!(parentTrace === undefined ? isSampled(receivedTraceparent) : parentTrace.sampled)) return false;
    this.causes[slot] = parentTrace ?? this.write(slot, receivedTraceparent);
    this.ids[slot] = call.ids;
    const plain = links.length === 0 && events.length === 0;
    this.put(slot, source, startedAt, durationMs, code, plain ? undefined : { span: undefined, links, events });
    return true;
  }

  service(slot: number): string {
    return (this.sources[slot] as SpanSource).service;
  }

  durationMs(slot: number): number {
    return this.durations[slot] as number;
  }

  code(slot: number): Code {
    return this.codes[slot] as Code;
  }

  /** The slots of one trace, in no order. */
  slotsOf(traceId: string): number[] {
    const found: number[] = [];
    for (let slot = 0; slot < this.size; slot++) {
      const { traceId: other } = this.extras[slot]?.span ?? this.trace(slot);
      if (other === traceId) found.push(slot);
    }
    return found;
  }

  span(slot: number): Span {
    const extras = this.extras[slot];
    if (extras?.span !== undefined) return extras.span;
    const { name, service, kind } = this.sources[slot] as SpanSource;
    const { traceId, spanId, parentSpanId } = this.trace(slot);
    return {
      traceId,
      spanId,
      parentSpanId,
      links: extras?.links ?? [],
      name,
      service,
      kind,
      startedAt: this.starts[slot] as number,
      durationMs: this.durationMs(slot),
      code: this.code(slot),
      events: extras?.events ?? [],
    };
  }

  private put(
    slot: number,
    source: SpanSource,
    startedAt: number,
    durationMs: number,
    code: Code,
    extras: Extras | undefined,
  ): void {
    this.sources[slot] = source;
    this.starts[slot] = startedAt;
    this.durations[slot] = durationMs;
    this.codes[slot] = code;
    this.extras[slot] = extras;
  }

  /** Hot: a call into Node's Buffer costs more than this loop over a text that was just made. */
  private write(slot: number, received: string | undefined): string | typeof written | undefined {
    if (received === undefined || received.length !== usualLength) return received;
    const { octets } = this;
    for (let at = slot * usualLength, i = 0; i < usualLength; at++, i++) octets[at] = received.charCodeAt(i);
    return written;
  }

  private cause(slot: number): string | TraceContext | undefined {
    const cause = this.causes[slot];
    if (cause !== written) return cause;
    const from = slot * usualLength;
    return String.fromCharCode(...this.octets.subarray(from, from + usualLength));
  }

  private trace(slot: number): TraceContext {
    const cause = this.cause(slot);
    const ids = this.ids[slot] as number;
    return typeof cause === "object" ? childTrace(cause, ids) : traceFrom(cause, ids);
  }
}

/** Of a `traceparent` of version 00 (W3C Trace Context, section 3.2). Header values are latin1, an octet a character. */
const usualLength = 55;
/** Stands for the octets of the slot. */
const written = 0;

interface Extras {
  /** A span that came as an object, and goes out as the same one. */
  readonly span: Span | undefined;
  readonly links: readonly string[];
  readonly events: readonly SpanEvent[];
}
