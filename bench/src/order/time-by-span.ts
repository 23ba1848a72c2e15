import { JsonClient } from "@sampan/cli/client";

interface SpanView {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string;
  /** `traceparent` values of what caused the span without being its parent: the order's request, for a step of its saga. */
  readonly links: readonly string[];
  readonly service: string;
  readonly kind: string;
  readonly durationMs: number;
}

/**
 * Mean milliseconds of an order that each service spent itself, without what it waited for from others: from the latest
 * spans, those of the request and those of the work that it caused (saga steps, consumers). Throws when there are none.
 */
export async function timeByService(adminUrl: string, traceIds: readonly string[]): Promise<Map<string, number>> {
  const http = new JsonClient(adminUrl, 4);
  const { body } = await http.get("/traces?limit=1000");
  http.close();
  const { spans } = body as { spans: readonly SpanView[] };
  const orders = new Set(traceIds);
  // The work after the request has traces of its own, which link to it.
  const causes = new Map<string, string>();
  for (const { traceId, links } of spans) if (links[0] !== undefined) causes.set(traceId, links[0].slice(3, 35));
  const orderOf = (traceId: string): string => {
    let cause = traceId;
    for (let hops = 0; hops < 5 && causes.has(cause); hops++) cause = causes.get(cause) as string;
    return cause;
  };
  // The oldest order may have lost spans to the limit, the latest may not have ended.
  const complete = new Set(
    [...new Set(spans.map(({ traceId }) => orderOf(traceId)))].filter((id) => orders.has(id)).slice(1, -1),
  );
  if (complete.size === 0) throw new Error("the platform has no trace of the orders");
  const children = new Map<string, number>();
  for (const span of spans) {
    children.set(span.parentSpanId, (children.get(span.parentSpanId) ?? 0) + span.durationMs);
  }
  const times = new Map<string, number>();
  for (const span of spans) {
    if (span.kind === "client" || !complete.has(orderOf(span.traceId))) continue;
    const own = Math.max(0, span.durationMs - (children.get(span.spanId) ?? 0));
    times.set(span.service, (times.get(span.service) ?? 0) + own);
  }
  return new Map([...times].map(([service, ms]) => [service, ms / complete.size]));
}
