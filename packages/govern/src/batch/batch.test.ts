import assert from "node:assert/strict";
import { test } from "node:test";
import { Code, Dispatcher, implement, Metadata, methods, type RpcError, Runtime } from "@sampan/core";
import { memoryTransport } from "@sampan/core/memory";
import { BatchedService, createFakeClock, settled } from "@sampan/testkit";
import { guardFor } from "../client.fixture.js";
import type { Enforcement } from "../guard.js";
import { BatchErrors } from "./error.js";
import { batchKind, batchMisfit } from "./layer.js";
import type { BatchPolicy } from "./policy.js";

const base: BatchPolicy = { maxDelayMs: 1, maxItems: 100, maxBytes: 1_000_000 };

/** Ids that begin with x are not found; `broken` loses a response; `slow` never ends. */
async function batching(policy: Partial<BatchPolicy> = {}, enforcement: Enforcement = "enforce") {
  const clock = createFakeClock();
  const { layer, guard, reported } = guardFor(batchKind.make, { ...base, ...policy }, clock, { enforcement });
  const transport = memoryTransport({ verify: true });
  const connect = () => transport.connect("memory");
  const seen: string[] = [];
  let aborted = 0;
  const who = (call: { tenant: string; user?: { subject: string } | undefined }) =>
    `${call.tenant}/${call.user?.subject ?? ""}`;
  const service = implement(BatchedService, {
    get: ({ id }, call) => {
      seen.push(`alone ${id} ${who(call)}`);
      return { id, batchSize: 1 };
    },
    batchGet({ requests }, call) {
      const ids = requests.map(({ id }) => id);
      seen.push(`${ids.join(" ")} ${who(call)} ${call.remaining()}`);
      call.onAbort(() => void aborted++);
      if (ids.includes("slow")) return new Promise(() => {});
      const responses = ids.map((id) => ({ id, batchSize: ids.length }));
      if (ids.includes("broken")) responses.pop();
      const errors = ids.map((id) => (id.startsWith("x") ? { code: 5, message: `no ${id}` } : {}));
      return { responses, errors: ids.some((id) => id.startsWith("x")) ? errors : [] };
    },
    getOtherwise: ({ id }) => ({ id }),
    getAlone: ({ id }) => ({ id }),
  });
  await transport.listen(new Dispatcher(new Runtime({ name: "server", connect, clock }), [service]));
  const runtime = new Runtime({ name: "client", connect, clock, clientLayers: [layer] });
  const root = (tenant = "default", timeoutMs = 10_000) =>
    runtime.root({ name: "test", timeoutMs, origin: { tenant, releaseTag: "", traceparent: "" } });
  const get = (id: string, tenant?: string, subject?: string, timeoutMs?: number) =>
    root(tenant, timeoutMs)
      .to(BatchedService)
      .get({ id }, subject === undefined ? {} : { user: { subject, roles: [] } })
      .then(
        ({ id, batchSize }) => `${id} of ${batchSize}`,
        (error: RpcError) => `${error.code} ${error.message}`,
      );
  return { clock, guard, reported, seen, root, get, aborted: () => aborted };
}

test("calls within a millisecond become one, and each gets its own answer", async () => {
  const { get, clock, seen, reported } = await batching();
  const all = Promise.all(["a", "b", "c"].map((id) => get(id)));
  await settled();
  assert.deepEqual(seen, []);
  await clock.advance(1);
  assert.deepEqual(await all, ["a of 3", "b of 3", "c of 3"]);
  assert.deepEqual(seen, ["a b c default/ 9999"]);
  assert.deepEqual(reported, ["batched"]);
});

test("a call without company goes as it came", async () => {
  const { get, clock, seen } = await batching();
  const one = get("a");
  await clock.advance(1);
  assert.equal(await one, "a of 1");
  assert.deepEqual(seen, ["alone a default/"]);
});

test("the part that failed fails its own caller", async () => {
  const { get, clock } = await batching();
  const all = Promise.all(["a", "x", "c"].map((id) => get(id)));
  await clock.advance(1);
  assert.deepEqual(await all, ["a of 3", `${Code.NotFound} no x`, "c of 3"]);
});

test("a batch that fails, or answers too little, fails all its callers", async () => {
  const { root, clock } = await batching();
  const all = ["a", "broken"].map((id) => root().to(BatchedService).get({ id }));
  const failed = Promise.all(all.map((each) => assert.rejects(each, BatchErrors.BATCH_BROKEN.is)));
  await clock.advance(1);
  await failed;
});

test("tenants and users are never in one batch", async () => {
  const { get, clock, seen } = await batching();
  const all = Promise.all([
    get("a", "t", "ann"),
    get("b", "t", "ann"),
    get("c", "t", "bob"),
    get("d", "t", "bob"),
    get("e", "u", "ann"),
    get("f", "t"),
  ]);
  await clock.advance(1);
  await all;
  assert.deepEqual(seen.sort(), ["a b t/ann 9999", "alone e u/ann", "alone f t/", "c d t/bob 9999"]);
});

test("a call with headers of its own goes alone, at once", async () => {
  const { root, seen } = await batching();
  const metadata = Metadata.of({ "x-mark": "1" });
  const { batchSize } = await root().to(BatchedService).get({ id: "a" }, { metadata });
  assert.equal(batchSize, 1);
  assert.deepEqual(seen, ["alone a default/"]);
});

test("a full batch does not wait: by the rule's items or bytes, or by the contract's", async () => {
  const byItems = await batching({ maxItems: 2 });
  assert.deepEqual(await Promise.all(["a", "b"].map((id) => byItems.get(id))), ["a of 2", "b of 2"]);
  const byBytes = await batching({ maxBytes: 8 });
  const all = Promise.all(["aaa", "bbb", "ccc"].map((id) => byBytes.get(id)));
  await byBytes.clock.advance(1);
  await all;
  assert.deepEqual(byBytes.seen.length, 3, "5 bytes each do not fit together");
  const byContract = await batching();
  const five = ["a", "b", "c", "d", "e"];
  assert.equal((await Promise.all(five.map((id) => byContract.get(id))))[0], "a of 5");
});

test("the earliest deadline holds for all", async () => {
  const { get, clock, seen } = await batching();
  const all = Promise.all([get("a", "default", undefined, 500), get("b"), get("slow")]);
  await clock.advance(1);
  assert.deepEqual(seen, ["a b slow default/ 499"]);
  await clock.advance(499);
  for (const text of await all) assert.match(text, new RegExp(`^${Code.DeadlineExceeded} `));
});

test("a cancelled call leaves the batch, and the last one to leave cancels it", async () => {
  const { root, clock, seen, aborted } = await batching();
  const calls = [root(), root(), root()] as const;
  const failed = calls.map((call, i) => assert.rejects(call.to(BatchedService).get({ id: i === 1 ? "slow" : `${i}` })));
  await settled();
  calls[0].abort();
  await failed[0];
  await clock.advance(1);
  assert.deepEqual(seen, ["slow 2 default/ 9999"]);
  calls[1].abort();
  await settled();
  assert.equal(aborted(), 0, "another still waits");
  calls[2].abort();
  await settled();
  assert.equal(aborted(), 1);
  await Promise.all(failed);
});

test("in shadow, and once closed, calls go as they came", async () => {
  const shadow = await batching({}, "shadow");
  await Promise.all(["a", "b"].map((id) => shadow.get(id)));
  assert.equal(shadow.seen.length, 2);
  const closing = await batching();
  const all = Promise.all(["a", "b"].map((id) => closing.get(id)));
  await settled();
  closing.guard.close();
  assert.deepEqual(await all, ["a of 2", "b of 2"]);
  assert.equal(await closing.get("c"), "c of 1");
});

test("a contract that describes no batch, or a wrong one, is a misfit", () => {
  const [get, batchGet, otherwise, alone] = methods(BatchedService).map((method) => batchMisfit(method));
  assert.equal(get, undefined);
  assert.match(batchGet ?? "", /names no batch method/);
  assert.match(otherwise ?? "", /no requests nothing/);
  assert.match(alone ?? "", /names no batch method/);
});
