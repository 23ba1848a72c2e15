import { JsonClient } from "@sampan/cli/client";

interface SpanView {
  readonly spanId: string;
  readonly parentSpanId: string;
  readonly name: string;
  readonly service: string;
  readonly kind: string;
  readonly durationMs: number;
}

/** Mean milliseconds of an order that each service spent itself, without what it waited for from others. */
export async function timeByService(adminUrl: string, traceIds: readonly string[]): Promise<Map<string, number>> {
  const http = new JsonClient(adminUrl, 4);
  const times = new Map<string, number>();
  let found = 0;
  for (const traceId of traceIds) {
    const { status, body } = await http.get(`/traces?trace=${traceId}`);
    if (status !== 200) continue;
    found++;
    const { spans } = body as { spans: SpanView[] };
    for (const span of spans) {
      if (span.kind === "client") continue;
      const children = spans.filter((other) => other.parentSpanId === span.spanId);
      const waited = children.reduce((sum, child) => sum + child.durationMs, 0);
      times.set(span.service, (times.get(span.service) ?? 0) + Math.max(0, span.durationMs - waited));
    }
  }
  http.close();
  if (found === 0) throw new Error("the platform has no trace of the orders");
  return new Map([...times].map(([service, ms]) => [service, ms / found]));
}
