import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Dispatcher, implement, Runtime } from "@sampan/core";
import { memoryTransport } from "@sampan/core/memory";
import { createFakeClock, EchoService } from "@sampan/testkit";
import { clientWith } from "../../client.fixture.js";
import { requireRules } from "../reading/read-rules.js";
import { answeringStack, type NotingGuard, notingStack, refusingStack, testSections } from "../rules.fixture.js";
import { Governor, governClient, governServer } from "./governor.js";

const startOfDay = Date.parse("2026-11-11T00:00Z");

/** A client and a server joined in memory, both governed by one governor with guards that write down what passes. */
async function stage(options: { readonly maxKeys?: number } = {}) {
  const seen: string[] = [];
  const clock = createFakeClock(startOfDay);
  const { stack, guards } = notingStack(seen);
  const governor = new Governor({ stack, clock, ...options });
  const transport = memoryTransport();
  const connect = () => transport.connect("memory");
  const server = new Runtime({ name: "server", connect, clock, baggageKeys: ["tier"] });
  const echo = implement(EchoService, {
    unary: ({ text }) => ({ text }),
    collect: async () => ({ text: "" }),
    produce: async function* () {},
    chat: async function* () {},
  });
  await transport.listen(new Dispatcher(server, [echo], [governServer(governor)]));
  const clientLayers = [governClient(governor)];
  const runtime = new Runtime({ name: "shop", connect, clock, clientLayers, baggageKeys: ["tier"] });
  return {
    seen,
    clock,
    guards,
    governor,
    load: (text: string) => governor.load(requireRules(text, "test", { sections: testSections })),
    /** What a call passes, in order. */
    async call(about: { tenant?: string; releaseTag?: string; tier?: string } = {}): Promise<string[]> {
      seen.splice(0);
      const { tenant = "default", releaseTag = "", tier } = about;
      const root = runtime.root({ name: "test", origin: { tenant, releaseTag, traceparent: "" } });
      if (tier !== undefined) root.setBaggage("tier", tier);
      await root.to(EchoService).unary({ text: "x" });
      root.settle();
      return seen.splice(0);
    },
  };
}

describe("a governor", () => {
  it("leaves calls as they are without rules, and puts each section on its own side, once", async () => {
    const { load, call } = await stage();
    assert.deepEqual(await call(), []);
    load("rules: [{ name: a, tea: { brew: 1s, side: client }, limit: { rate: 1/s }, either: { a: true } }]");
    assert.deepEqual(await call(), ["a/either", "a/tea", "a/limit"]);
    load("rules: [{ name: a, tea: { brew: 1s, side: server }, limit: { rate: 1/s } }]");
    assert.deepEqual(await call(), ["a/tea", "a/limit"]);
  });

  it("picks by what rules look at in a call, section by section", async () => {
    const { load, call } = await stage();
    load(`rules:
      - { name: all, tea: { brew: 1s }, limit: { rate: 1/s } }
      - { name: acme, match: { tenant: acme }, tea: 2s }
      - { name: canary, match: { release: canary }, tea: 3s }
      - { name: other, match: { service: "*", caller: other }, limit: { rate: 2/s } }
      - { name: free, match: { labels: { tier: free } }, either: { b: true } }`);
    for (let round = 0; round < 2; round++) {
      assert.deepEqual(await call({ tenant: "acme" }), ["acme/tea", "all/limit"]);
      assert.deepEqual(await call({ releaseTag: "canary" }), ["canary/tea", "all/limit"]);
      assert.deepEqual(await call({ tier: "free" }), ["free/either", "all/tea", "all/limit"]);
      assert.deepEqual(await call({ tier: "paid" }), ["all/tea", "all/limit"]);
      assert.deepEqual(await call({ tenant: "other" }), ["all/tea", "all/limit"]);
      assert.deepEqual(await call(), ["all/tea", "all/limit"]);
    }
  });

  it("knows the caller by its own name on the client, where the peer is somebody else", async () => {
    const { load, call } = await stage();
    load("rules: [{ name: a, match: { caller: shop }, either: { a: true } }]");
    assert.deepEqual(await call(), ["a/either"]);
    load("rules: [{ name: a, match: { caller: other }, either: { a: true } }]");
    assert.deepEqual(await call(), []);
  });

  it("lets a shadow rule watch outside the rule that is enforced, and take nothing from it", async () => {
    const { load, call } = await stage();
    load(`rules:
      - { name: now, tea: 1s }
      - { name: later, match: { service: "*" }, shadow: true, tea: 2s }`);
    assert.deepEqual(await call(), ["later/tea (shadow)", "now/tea"]);
  });

  it("keeps the guards of what stays, tells them of changes, and closes those that go", async () => {
    const { load, call, guards, seen } = await stage();
    load("rules: [{ name: a, tea: 1s }, { name: b, limit: { rate: 1/s } }]");
    await call();
    assert.equal(guards.length, 2);
    load("rules: [{ name: a, tea: 1s }, { name: b, limit: { rate: 1/s } }]");
    assert.deepEqual(seen.splice(0), []);
    load("rules: [{ name: a, tea: 2s, shadow: true }]");
    assert.deepEqual(seen.splice(0), ["close b/limit", "reload a/tea"]);
    const kept = guards.find(({ context }) => context.rule === "a/tea");
    assert.deepEqual([kept?.enforcement, (kept?.policy as { brewMs?: number } | undefined)?.brewMs], ["shadow", 2000]);
    assert.equal(kept?.calls, 1);
    assert.deepEqual(await call(), ["a/tea (shadow)"]);
    assert.equal(guards.length, 2);
    load("rules: [{ name: a, tea: { brew: 2s, side: client } }]");
    assert.deepEqual([seen.splice(0), guards.length], [["close a/tea"], 3]);
  });

  it("changes nothing when a guard of the new rules cannot be made, and keeps the reason", async () => {
    const { load, call, guards, governor } = await stage();
    load("rules: [{ name: a, tea: 1s }]");
    await call();
    const before = guards.length;
    const broken = requireRules(
      "rules: [{ name: a, tea: 5s, either: { a: true } }, { name: b, limit: { rate: 3/s } }]",
      "test",
      {
        sections: testSections,
      },
    );
    // The first new one is made, and closed again; the second is not.
    const made: NotingGuard[] = [];
    guards.push = (guard) => {
      if (made.length === 1) throw new TypeError("no more guards");
      return made.push(guard as NotingGuard);
    };
    assert.throws(() => governor.load(broken, "r2"), /no more guards/);
    assert.deepEqual(governor.state().rejected, { revision: "r2", why: "no more guards" });
    assert.deepEqual(await call(), ["a/tea"]);
    assert.equal((guards[0]?.policy as { brewMs?: number } | undefined)?.brewMs, 1000);
    assert.equal(guards.length, before);
    assert.deepEqual(
      made.map(({ closed }) => closed),
      [true],
    );
  });

  it("switches rules with their time windows by itself, and keeps their guards meanwhile", async () => {
    const { load, call, clock, guards } = await stage();
    load(`rules:
      - { name: always, tea: 1s }
      - { name: peak, during: { from: "08:00", to: "09:00", timezone: Asia/Shanghai }, tea: 2s }`);
    assert.deepEqual(await call(), ["peak/tea"]);
    await clock.advance(3_600_000 - 1);
    assert.deepEqual(await call(), ["peak/tea"]);
    await clock.advance(1);
    assert.deepEqual(await call(), ["always/tea"]);
    await clock.advance(23 * 3_600_000);
    assert.deepEqual(await call(), ["peak/tea"]);
    assert.equal(guards.length, 2);
  });

  it("names what is in force, and rules that do not fit a method they match", async () => {
    const { load, governor } = await stage();
    load("rules: [{ name: a, match: { method: Unary }, tea: 1s }, { name: b, limit: { rate: 1/s } }]");
    const { rules, active, guards, misfits } = governor.state();
    assert.deepEqual([rules, active], [2, ["a", "b"]]);
    assert.deepEqual(
      guards.map(({ rule, section, side, scope, state }) => [rule, section, side, scope, state]),
      [
        ["b", "limit", "server", "*/*", { calls: 0 }],
        ["a", "tea", "server", "*/Unary", { calls: 0 }],
      ],
    );
    assert.deepEqual(misfits, [
      "b/limit on sampan.test.v1.EchoService/Collect: it streams",
      "b/limit on sampan.test.v1.EchoService/Chat: it streams",
    ]);
  });

  it("keeps no more handlers for strange attributes than it may, and picks rightly all the same", async () => {
    const { load, call, guards } = await stage({ maxKeys: 2 });
    load("rules: [{ name: all, tea: 1s }, { name: free, match: { labels: { tier: free } }, tea: 2s }]");
    for (const tier of ["a", "free", "b", "c", "free", "d"]) {
      assert.deepEqual(await call({ tier }), [tier === "free" ? "free/tea" : "all/tea"]);
    }
    assert.equal(guards.length, 2);
  });

  it("lets every call pass as it comes once it is closed", async () => {
    const { load, call, governor, guards, clock } = await stage();
    const before = clock.pending;
    load("rules: [{ name: a, tea: 1s, during: { from: '00:00', to: '12:00' } }]");
    assert.equal(clock.pending, before + 1);
    governor.close();
    assert.deepEqual([guards[0]?.closed, clock.pending], [true, before]);
    assert.deepEqual(await call(), []);
  });

  it("counts what guards report, by rule, section and method, and marks the call's span", async () => {
    const counted: string[] = [];
    const meter = {
      counter: ({ name }: { name: string }, labels: Readonly<Record<string, string>> = {}) => ({
        add: () => void counted.push(`${name} ${Object.values(labels).join(" ")}`),
      }),
      gauge: ({ name }: { name: string }) => ({
        set: (value: number) => void counted.push(`${name} ${value}`),
        add: () => {},
      }),
      histogram: () => ({ record: () => {} }),
    };
    const { stack } = refusingStack();
    const governor = new Governor({ stack, meter, clock: createFakeClock(startOfDay) });
    governor.load(
      requireRules("rules: [{ name: a, tea: { brew: 1s, side: client } }]", "test", { sections: testSections }),
    );
    assert.deepEqual(counted.splice(0), ["govern_rules 1", "govern_rules_active 1", "govern_rules_rejected 0"]);
    const world = await clientWith([governClient(governor)]);
    const root = world.root();
    await root.to(EchoService).unary({ text: "x" });
    assert.deepEqual(counted.splice(0), [
      "govern_refused_total a tea sampan.test.v1.EchoService/Unary full",
      "govern_events_total a tea sampan.test.v1.EchoService/Unary poured",
    ]);
    governor.reject(new TypeError("no"), "r3");
    assert.deepEqual(counted, ["govern_rules_rejected 1", "govern_reload_failures_total OTHER"]);
  });

  it("lets guards inside see failures that a guard outside answers", async () => {
    const outcomes: string[] = [];
    const governor = new Governor({ stack: answeringStack(outcomes), clock: createFakeClock(startOfDay) });
    governor.load(
      requireRules("rules: [{ name: a, either: { a: true }, tea: { brew: 1s, side: client } }]", "test", {
        sections: testSections,
      }),
    );
    const world = await clientWith([governClient(governor)], {
      unary: ({ text }) => {
        if (text === "fail") throw new TypeError("no tea");
        return { text };
      },
    });
    assert.equal((await world.client().unary({ text: "fail" })).text, "instead");
    assert.equal((await world.client().unary({ text: "good" })).text, "good");
    assert.deepEqual(outcomes, ["failed", "ok"]);
  });
});
