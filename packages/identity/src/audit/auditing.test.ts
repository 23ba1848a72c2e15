import assert from "node:assert/strict";
import { test } from "node:test";
import { Code, Dispatcher, type Implementation, implement, RpcError, Runtime } from "@sampan/core";
import { memoryTransport } from "@sampan/core/memory";
import { EchoService, settled } from "@sampan/testkit";
import { type AuditingOptions, auditing } from "./auditing.js";
import type { AuditEvent } from "./entry.js";

/** Calls each method once; the second fails. */
async function play(options: Partial<AuditingOptions>): Promise<AuditEvent[]> {
  const events: AuditEvent[] = [];
  const trail = { append: async (event: AuditEvent) => void events.push(event) };
  const transport = memoryTransport();
  const runtime = new Runtime({ name: "gateway", connect: (service) => transport.connect(service) });
  const functions: Implementation<typeof EchoService> = {
    unary: ({ text }) => {
      if (text === "bad") throw new RpcError(Code.NotFound, "no");
      return { text };
    },
    collect: async () => ({}),
    async *produce() {
      yield {};
    },
    async *chat() {},
  };
  const layer = auditing({ trail, which: ({ name }) => name !== "Collect", ...options });
  await transport.listen(new Dispatcher(runtime, [implement(EchoService, functions)], [layer]));
  const call = runtime.root({ name: "test", origin: { tenant: "shop-a", releaseTag: "", traceparent: "" } });
  const api = call.to(EchoService, { user: { subject: "u1", roles: [] } });
  await api.unary({ text: "good" });
  await assert.rejects(api.unary({ text: "bad" }));
  await api.collect((async function* () {})());
  for await (const _ of api.produce({ text: "stream" }));
  call.settle();
  await settled();
  await transport.close();
  return events;
}

test("each call that has ended is an entry: who, for whom, what, and how it went", async () => {
  const events = await play({ describe: (_, request) => ({ target: (request as { text: string }).text }) });
  assert.deepEqual(
    events.map(({ traceId, ...rest }) => {
      assert.match(traceId, /^[0-9a-f]{32}$/);
      return rest;
    }),
    (
      [
        ["Unary", "good", "OK"],
        ["Unary", "bad", "NotFound"],
        ["Produce", "stream", "OK"],
      ] as const
    ).map(([name, target, outcome]) => ({
      tenant: "shop-a",
      subject: "u1",
      caller: "gateway",
      action: `sampan.test.v1.EchoService/${name}`,
      target,
      outcome,
      details: {},
    })),
  );
});

test("of calls that have ended, those that are not worth an entry get none", async () => {
  const events = await play({ which: () => true, keep: (_, error) => error?.code === Code.NotFound });
  assert.deepEqual(
    events.map(({ outcome }) => outcome),
    ["NotFound"],
  );
});

test("an entry that cannot be made or written is told, and the call is answered", async () => {
  const failures: unknown[] = [];
  const failed = (error: unknown): void => void failures.push(error);
  await play({ trail: { append: () => Promise.reject(new Error("disk")) }, failed });
  await play({
    describe: () => {
      throw new Error("describe");
    },
    failed,
  });
  assert.equal(failures.length, 6);
});
