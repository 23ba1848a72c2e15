import { type AdminAnswer, type AdminPage, jsonAnswer } from "../admin/admin-page.js";
import { maxSpans, tracesPage } from "../admin/traces-page.js";
import { exposition, expositionContentType } from "../metrics/exposition.js";
import type { MetricFamily } from "../metrics/snapshot.js";
import type { RingTracer } from "../traces/ring-tracer.js";

export interface WorkerPagesOptions {
  /** The figures of all workers together. */
  readonly metrics: () => Promise<readonly MetricFamily[]>;
  /** What each worker's page of traces answers; one that does not is left out. */
  readonly traces: (query: URLSearchParams) => Promise<readonly AdminAnswer[]>;
  /** Spans of the process that has the admin port. */
  readonly tracer: RingTracer;
}

/** `/metrics` and `/traces` of a service whose processes share one admin port. */
export function workerPages({ metrics, traces, tracer }: WorkerPagesOptions): readonly AdminPage[] {
  const own = tracesPage(tracer);
  return [
    {
      path: "/metrics",
      doc: "metrics of all workers together in Prometheus's text format",
      answer: async () => ({ status: 200, contentType: expositionContentType, body: exposition(await metrics()) }),
    },
    {
      path: own.path,
      doc: own.doc,
      async answer(query) {
        const first = await own.answer(query);
        // The others would say the same.
        if (first.status === 400) return first;
        return mergedTraces(query, [first, ...(await traces(query))]);
      },
    },
  ];
}

interface TracesBody {
  readonly kept?: number;
  readonly capacity?: number;
  readonly dropped?: number;
  readonly spans: readonly { readonly startedAt: number; readonly durationMs: number }[];
}

function mergedTraces(query: URLSearchParams, answers: readonly AdminAnswer[]): AdminAnswer {
  const bodies = answers.map(({ body }) => JSON.parse(body) as TracesBody);
  const spans = bodies.flatMap((body) => body.spans);
  const trace = query.get("trace");
  if (trace !== null) {
    spans.sort((a, b) => a.startedAt - b.startedAt);
    return jsonAnswer({ trace, spans }, spans.length === 0 ? 404 : 200);
  }
  // Each gave its newest: those that ended last come first.
  spans.sort((a, b) => b.startedAt + b.durationMs - (a.startedAt + a.durationMs));
  const total = (count: (body: TracesBody) => number | undefined): number =>
    bodies.reduce((sum, body) => sum + (count(body) ?? 0), 0);
  return jsonAnswer({
    kept: total(({ kept }) => kept),
    capacity: total(({ capacity }) => capacity),
    dropped: total(({ dropped }) => dropped),
    spans: spans.slice(0, Math.min(Number(query.get("limit") ?? 100), maxSpans)),
  });
}
