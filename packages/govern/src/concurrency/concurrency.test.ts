import assert from "node:assert/strict";
import { test } from "node:test";
import { type RpcError, retryDelayMs } from "@sampan/core";
import { createFakeClock, EchoService, settled } from "@sampan/testkit";
import { guardFor, texts } from "../client.fixture.js";
import type { Enforcement } from "../guard.js";
import { heldWork, serverWith } from "../server.fixture.js";
import { ConcurrencyErrors } from "./error.js";
import { concurrencyKind } from "./layer.js";
import type { ConcurrencyPolicy } from "./policy.js";

const base: ConcurrencyPolicy = {
  max: 1,
  queue: 2,
  maxWaitMs: 1000,
  fair: "tenant",
  weights: {},
  priority: "normal",
  priorities: {},
};

async function* echoed(requests: AsyncIterable<{ text: string }>) {
  for await (const { text } of requests) yield { text };
}

async function bounded(policy: Partial<ConcurrencyPolicy> = {}, enforcement: Enforcement = "enforce") {
  const clock = createFakeClock();
  const work = heldWork();
  const { guard, layer, reported } = guardFor(concurrencyKind.make, { ...base, ...policy }, clock, { enforcement });
  const server = await serverWith([layer], { unary: (request) => work.unary(request), chat: echoed }, clock);
  const ended: string[] = [];
  const start = (text: string, tenant?: string, timeoutMs?: number): void => {
    server
      .client(tenant, timeoutMs)
      .unary({ text })
      .then(
        () => void ended.push(text),
        (error: RpcError) => void ended.push(`${text}: ${error.reason}`),
      );
  };
  return { ...server, guard, reported, work, ended, start };
}

test("calls beyond the limit wait, and those beyond the queue are refused with a hint", async () => {
  const { work, start, ended, guard, client } = await bounded();
  for (const text of ["a", "b", "c"]) start(text);
  await settled();
  assert.deepEqual(work.began, ["a"]);
  assert.deepEqual(guard.state(), { inFlight: 1, max: 1, waiting: 2 });
  const error = await client()
    .unary({ text: "d" })
    .then(
      () => assert.fail("it passed"),
      (thrown: RpcError) => thrown,
    );
  assert.ok(ConcurrencyErrors.TOO_MANY_IN_FLIGHT.is(error));
  assert.ok((retryDelayMs(error) ?? 0) > 0);
  for (let i = 0; i < 3; i++) {
    work.endNext();
    await settled();
  }
  assert.deepEqual(ended, ["a", "b", "c"]);
  assert.deepEqual(guard.state(), { inFlight: 0, max: 1, waiting: 0 });
});

test("without a queue the call is refused at once", async () => {
  const { start, ended } = await bounded({ queue: 0 });
  start("a");
  start("b");
  await settled();
  assert.deepEqual(ended, ["b: TOO_MANY_IN_FLIGHT"]);
});

test("a call waits no longer than it may, and one whose deadline passes leaves the queue", async () => {
  const { start, ended, clock, guard, reported, work } = await bounded({ queue: 3 });
  start("a");
  start("short", "default", 300);
  start("b");
  await clock.advance(299);
  assert.equal(guard.state().waiting, 2);
  await clock.advance(1);
  assert.deepEqual(ended, ["short: DEADLINE_EXCEEDED"]);
  assert.equal(guard.state().waiting, 1);
  await clock.advance(699);
  assert.equal(guard.state().waiting, 1);
  await clock.advance(1);
  assert.deepEqual(ended, ["short: DEADLINE_EXCEEDED", "b: TOO_MANY_IN_FLIGHT"]);
  assert.deepEqual(reported, ["waited", "waited", "refused waited-too-long"]);
  assert.deepEqual(work.began, ["a"]);
});

test("a call that is cancelled while it waits leaves at once and never runs", async () => {
  const { start, call, guard, work } = await bounded();
  start("a");
  const leaving = call();
  const gone = assert.rejects(leaving.to(EchoService).unary({ text: "gone" }));
  await settled();
  leaving.abort();
  await gone;
  assert.equal(guard.state().waiting, 0);
  start("b");
  work.endNext();
  await settled();
  assert.deepEqual(work.began, ["a", "b"]);
});

test("a flooding tenant pushes out only itself, and waiting tenants take turns", async () => {
  const { start, ended, work } = await bounded({ queue: 4 });
  for (const text of ["n1", "n2", "n3", "n4", "n5", "n6"]) start(text, "noisy");
  await settled();
  assert.deepEqual(ended, ["n6: TOO_MANY_IN_FLIGHT"]);
  start("q1", "quiet");
  start("q2", "quiet");
  await settled();
  assert.deepEqual(ended.slice(1), ["n5: TOO_MANY_IN_FLIGHT", "n4: TOO_MANY_IN_FLIGHT"]);
  for (let i = 0; i < 5; i++) {
    work.endNext();
    await settled();
  }
  assert.deepEqual(work.began, ["n1", "n2", "q1", "n3", "q2"]);
});

test("an important method goes before others, by its name in the rule", async () => {
  const { start, client, work } = await bounded({ priority: "low", priorities: { Produce: "critical" } });
  start("a");
  start("b");
  let produced = false;
  void texts(client().produce({})).then(() => {
    produced = true;
  });
  await settled();
  work.endNext();
  await settled();
  assert.ok(produced);
  await settled();
  assert.deepEqual(work.began, ["a", "b"]);
});

test("a stream holds its slot until it ends", async () => {
  const { client, guard, start, work } = await bounded();
  let end = (): void => {};
  const open = new Promise<void>((resolve) => {
    end = resolve;
  });
  const stream = texts(
    client().chat(
      (async function* () {
        yield { text: "one" };
        await open;
      })(),
    ),
  );
  await settled();
  start("a");
  await settled();
  assert.deepEqual(guard.state(), { inFlight: 1, max: 1, waiting: 1 });
  end();
  assert.deepEqual(await stream, ["one"]);
  await settled();
  assert.deepEqual(work.began, ["a"]);
});

test("in shadow every call passes and is counted", async () => {
  const { start, work, reported } = await bounded({ queue: 0 }, "shadow");
  start("a");
  start("b");
  await settled();
  assert.deepEqual(work.began, ["a", "b"]);
  assert.deepEqual(reported, ["refused full"]);
});

test("a reload with more slots starts those that wait, and keeps who is in work", async () => {
  const { start, work, guard } = await bounded();
  for (const text of ["a", "b", "c"]) start(text);
  await settled();
  guard.reload({ ...base, max: 2 }, "enforce");
  await settled();
  assert.deepEqual(work.began, ["a", "b"]);
  assert.deepEqual(guard.state(), { inFlight: 2, max: 2, waiting: 1 });
  guard.reload({ ...base, max: 1 }, "enforce");
  work.endNext();
  await settled();
  assert.deepEqual(work.began, ["a", "b"], "one is still in work");
});

test("closing refuses those that wait", async () => {
  const { start, ended, guard } = await bounded();
  start("a");
  start("b");
  await settled();
  guard.close();
  await settled();
  assert.deepEqual(ended, ["b: TOO_MANY_IN_FLIGHT"]);
});
