import type { Code } from "../code.js";

export type LogFields = Readonly<Record<string, unknown>>;

/** Structured logs. Never throws, never waits. */
export interface Logger {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
  /** A logger that adds fields to every line. */
  child(fields: LogFields): Logger;
}

export type Labels = Readonly<Record<string, string>>;

/** Names follow Prometheus: snake case, base units, counters end in `_total`. */
export interface InstrumentOptions {
  readonly name: string;
  readonly help: string;
  /** Upper bounds of a histogram's buckets, ascending. */
  readonly buckets?: readonly number[];
}

/** An instrument bound to one set of label values: what the hot path holds. */
export interface Counter {
  add(amount?: number): void;
}
export interface Gauge {
  set(value: number): void;
  add(amount: number): void;
}
export interface Histogram {
  record(value: number): void;
}

/** Metrics. Asking for the same name and labels again gives the same instrument. */
export interface Meter {
  counter(options: InstrumentOptions, labels?: Labels): Counter;
  gauge(options: InstrumentOptions, labels?: Labels): Gauge;
  histogram(options: InstrumentOptions, labels?: Labels): Histogram;
}

export interface SpanEvent {
  readonly name: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly attributes: Readonly<Record<string, string>>;
}

/** A finished piece of work. Ids are lower-case hex, as in W3C Trace Context. */
export interface Span {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string;
  /** Traces that caused this one without being its parent (`traceparent` values). */
  readonly links: readonly string[];
  readonly name: string;
  readonly service: string;
  readonly kind: "server" | "client" | "internal";
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  readonly durationMs: number;
  readonly code: Code;
  readonly events: readonly SpanEvent[];
}

/** Takes finished spans. Never throws, never waits; drops when it is full, and counts what it drops. */
export interface Tracer {
  record(span: Span): void;
}
