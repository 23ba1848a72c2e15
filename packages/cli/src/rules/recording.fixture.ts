import type { RecordedCall } from "@sampan/govern";

/** 11 November 2026, 20:00 in Shanghai. */
export const saleAt: number = Date.parse("2026-11-11T12:00:00Z");

/** Calls of one method at an even pace, as the recorder would have written them. */
export function recorded(
  method: string,
  options: Partial<RecordedCall> & { readonly calls: number; readonly everyMs: number; readonly startMs?: number },
): RecordedCall[] {
  const { calls, everyMs, startMs = 0, ...more } = options;
  return Array.from({ length: calls }, (_, index) => ({
    at: saleAt + startMs + index * everyMs,
    method,
    side: "server",
    tenant: "default",
    caller: "gateway",
    release: "stable",
    labels: {},
    user: "",
    durationMs: 1,
    code: 0,
    reason: "",
    idempotent: true,
    timeoutMs: 10_000,
    ...more,
  }));
}
