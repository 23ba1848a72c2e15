import { codeName } from "@sampan/core";
import type { Span } from "@sampan/core/ports";
import type { RingTracer } from "../traces/ring-tracer.js";
import { type AdminPage, jsonAnswer } from "./admin-page.js";

/** However many are asked for. */
export const maxSpans = 1000;

/** `?trace=<32 hex digits>` gives one trace; else the newest spans, by `service`, `min_ms`, `failed=true` and `limit`. */
export function tracesPage(tracer: RingTracer): AdminPage {
  return {
    path: "/traces",
    doc: "recent spans as JSON; ?trace=<id>, or ?service=, ?min_ms=, ?failed=true, ?limit=",
    answer(query) {
      const trace = query.get("trace");
      if (trace !== null) {
        if (!/^[0-9a-f]{32}$/.test(trace)) return jsonAnswer({ error: "trace: give 32 lower-case hex digits" }, 400);
        const spans = tracer.trace(trace);
        return jsonAnswer({ trace, spans: spans.map(named) }, spans.length === 0 ? 404 : 200);
      }
      const limit = numberOf(query, "limit", 100);
      const minDurationMs = numberOf(query, "min_ms", 0);
      if (limit === undefined || minDurationMs === undefined) {
        return jsonAnswer({ error: "limit and min_ms: give numbers from 0" }, 400);
      }
      const service = query.get("service");
      const spans = tracer.recent({
        limit: Math.min(limit, maxSpans),
        minDurationMs,
        failed: query.get("failed") === "true",
        ...(service === null ? {} : { service }),
      });
      return jsonAnswer({
        kept: tracer.size,
        capacity: tracer.capacity,
        dropped: tracer.dropped,
        spans: spans.map(named),
      });
    },
  };
}

function named(span: Span): object {
  return { ...span, code: codeName(span.code) };
}

function numberOf(query: URLSearchParams, name: string, otherwise: number): number | undefined {
  const text = query.get(name);
  if (text === null) return otherwise;
  return /^\d{1,9}(\.\d{1,6})?$/.test(text) ? Number(text) : undefined;
}
