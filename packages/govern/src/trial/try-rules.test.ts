import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { RecordedCall } from "../recorder/index.js";
import { requireRules } from "../rules/reading/read-rules.js";
import { allSections } from "../rules/sections.js";
import { tryRules } from "./try-rules.js";

const start = Date.parse("2026-11-11T12:00:00Z");

function calls(
  count: number,
  everyMs: number,
  more: (index: number) => Partial<RecordedCall> = () => ({}),
): RecordedCall[] {
  return Array.from({ length: count }, (_, index) => ({
    at: start + index * everyMs,
    method: "order.v1.OrderService/GetOrder",
    side: "client",
    tenant: "default",
    caller: "gateway",
    release: "stable",
    labels: {},
    user: "",
    durationMs: 5,
    code: 0,
    reason: "",
    idempotent: true,
    timeoutMs: 10_000,
    ...more(index),
  }));
}

const rules = (text: string) => requireRules(text, "test", { sections: allSections });

describe("a trial of rules", () => {
  it("changes nothing without rules, and has nothing to say of no calls", async () => {
    const report = await tryRules(
      { rules: [] },
      calls(10, 10, (index) => ({ code: index % 2 === 0 ? 0 : 14 })),
    );
    assert.deepEqual([report.calls, report.events, report.changed], [10, [], []]);
    assert.equal((await tryRules({ rules: [] }, [])).from, "");
  });

  it("says what would have been refused, for whom and when", async () => {
    const set = rules("rules: [{ name: acme, match: { tenant: acme }, limit: { rate: 10/s, burst: 1 } }]");
    const recording = calls(20, 50, (index) => ({ side: "server", tenant: index < 10 ? "acme" : "other" }));
    const report = await tryRules(set, recording);
    assert.deepEqual(
      report.changed,
      [
        {
          method: "order.v1.OrderService/GetOrder",
          recorded: "Ok",
          replayed: "ResourceExhausted RATE_LIMITED",
          count: 5,
        },
      ].map((each) => ({ ...each, recorded: "ok" })),
    );
    const [event] = report.events;
    assert.deepEqual(
      [event?.rule, event?.section, event?.method, event?.what, event?.count, event?.first],
      ["acme", "limit", "order.v1.OrderService/GetOrder", "refused: rate", 5, "2026-11-11T12:00:00.050Z"],
    );
  });

  it("lets a second try end as the next recorded call did", async () => {
    const set = rules("rules: [{ name: again, retry: { attempts: 2 } }]");
    const report = await tryRules(
      set,
      calls(10, 1000, (index) => ({ code: index === 3 ? 14 : 0 })),
    );
    assert.deepEqual(
      report.changed.map(({ recorded, replayed, count }) => [recorded, replayed, count]),
      [["Unavailable", "ok", 1]],
    );
  });

  it("counts in shadow and changes nothing", async () => {
    const set = rules("rules: [{ name: quiet, shadow: true, limit: { rate: 1/s, burst: 1 } }]");
    const report = await tryRules(
      set,
      calls(10, 10, () => ({ side: "server" })),
    );
    assert.deepEqual([report.events[0]?.what, report.events[0]?.count, report.changed], ["refused: rate", 9, []]);
  });

  it("holds rules in their time windows of the recording, not of today", async () => {
    const set = rules(
      "rules: [{ name: sale, during: { from: '20:00', to: '20:01', timezone: Asia/Shanghai }, limit: { rate: 1/m, burst: 1 } }]",
    );
    const report = await tryRules(
      set,
      calls(120, 1000, () => ({ side: "server" })),
    );
    assert.equal(report.events[0]?.count, 59);
    assert.equal(report.events[0]?.last, "2026-11-11T12:00:59.000Z");
  });

  it("says the same each time, also of a recording that is not in order", async () => {
    const set = rules(`rules:
      - { name: a, breaker: { errorRatio: 50%, minimumRequests: 5, open: 1s }, retry: { attempts: 3 } }
      - { name: b, concurrency: { max: 2, queue: 2, maxWait: 100ms } }`);
    const recording = calls(300, 7, (index) => ({
      code: index % 3 === 0 ? 14 : 0,
      side: index % 2 === 0 ? "client" : "server",
      durationMs: (index * 31) % 90,
    }));
    const first = await tryRules(set, recording);
    assert.ok(first.events.length > 3);
    assert.deepEqual(await tryRules(set, recording), first);
    assert.deepEqual(await tryRules(set, recording.toReversed()), first);
  });
});
