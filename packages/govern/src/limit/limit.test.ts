import assert from "node:assert/strict";
import { test } from "node:test";
import { Code, type Method, methods, type RpcError, retryDelayMs } from "@sampan/core";
import { memoryKeyValue } from "@sampan/core/memory";
import { createFakeClock, EchoService, type FakeClock, settled } from "@sampan/testkit";
import { guardFor, texts } from "../client.fixture.js";
import type { Enforcement } from "../guard.js";
import { serverWith } from "../server.fixture.js";
import { LimitErrors } from "./error.js";
import { type LimitPorts, limitKind, limitMisfit } from "./layer.js";
import { type LimitPolicy, limitSection } from "./policy.js";

const base: LimitPolicy = {
  ratePerSecond: 10,
  burst: 2,
  shape: "token",
  maxWaitMs: 0,
  warmUpMs: 10_000,
  coldFactor: 3,
  maxKeys: 100,
  exceptions: {},
  fair: "none",
  weights: {},
  activeMs: 2000,
  shared: false,
  leaseMs: 100,
  localShare: 0.25,
  storeTimeoutMs: 250,
};

async function limited(
  policy: Partial<LimitPolicy>,
  enforcement: Enforcement = "enforce",
  ports: LimitPorts = {},
  clock: FakeClock = createFakeClock(),
) {
  const { guard, layer, reported } = guardFor(limitKind(ports).make, { ...base, ...policy }, clock, { enforcement });
  return { guard, reported, ...(await serverWith([layer], {}, clock)) };
}

const rateLimited = (error: unknown): boolean => LimitErrors.RATE_LIMITED.is(error);

test("calls within the limit pass and one beyond it is refused with a retry hint", async () => {
  const server = await limited({});
  await server.client().unary({ text: "a" });
  await server.client().unary({ text: "b" });
  const error = await server
    .client()
    .unary({ text: "c" })
    .then(
      () => assert.fail("it passed"),
      (thrown: RpcError) => thrown,
    );
  assert.ok(rateLimited(error));
  assert.equal(error.code, Code.ResourceExhausted);
  assert.equal(retryDelayMs(error), 100);
  assert.deepEqual(server.reported, ["refused rate"]);
  await server.clock.advance(100);
  assert.equal((await server.client().unary({ text: "d" })).text, "d");
});

test("a stream beyond the limit is refused when it begins", async () => {
  const server = await limited({ burst: 1 });
  const produce = () => texts(server.client().produce({ text: "x" }));
  await produce();
  await assert.rejects(produce(), rateLimited);
});

test("in shadow everything passes and is counted", async () => {
  const server = await limited({ burst: 1 }, "shadow");
  for (let i = 0; i < 3; i++) await server.client().unary({});
  assert.deepEqual(server.reported, ["refused rate", "refused rate"]);
});

test("a leaky bucket lets calls wait for their turn, streams too", async () => {
  const server = await limited({ shape: "leaky", maxWaitMs: 250 });
  const ended: string[] = [];
  const call = (text: string) =>
    server
      .client()
      .unary({ text })
      .then(
        () => void ended.push(text),
        () => void ended.push(`${text} refused`),
      );
  void call("a");
  void call("b");
  const stream = texts(server.client().produce({ text: "" })).then(() => void ended.push("stream"));
  void call("d");
  await settled();
  assert.deepEqual(ended, ["a", "d refused"]);
  await server.clock.advance(100);
  assert.deepEqual(ended, ["a", "d refused", "b"]);
  await server.clock.advance(100);
  await stream;
  assert.deepEqual(ended, ["a", "d refused", "b", "stream"]);
});

test("a call that cannot have its turn before its deadline is refused at once, and one that leaves frees its turn", async () => {
  const server = await limited({ shape: "leaky", maxWaitMs: 1000 });
  await server.client().unary({});
  await assert.rejects(server.client("default", 90).unary({}), rateLimited);
  const leaving = server.call();
  const gone = assert.rejects(leaving.to(EchoService).unary({}));
  await settled();
  assert.equal(server.guard.state().waiting, 1);
  leaving.abort();
  await gone;
  assert.equal(server.guard.state().waiting, 0);
  let passed = false;
  void server
    .client()
    .unary({})
    .then(() => {
      passed = true;
    });
  await server.clock.advance(101);
  assert.ok(passed, "the turn at 100 ms was free again");
});

test("each tenant has the rate for itself, and an exception its own", async () => {
  const server = await limited({ per: "tenant", exceptions: { vip: 100, banned: 0 }, burst: 1 });
  await server.client("a").unary({});
  await assert.rejects(server.client("a").unary({}), rateLimited);
  await server.client("b").unary({});
  await assert.rejects(server.client("banned").unary({}), rateLimited);
  await server.client("vip").unary({});
  await server.clock.advance(10);
  await server.client("vip").unary({});
  await assert.rejects(server.client("a").unary({}), rateLimited);
});

test("the key can be a field of the request", async () => {
  const server = await limited({ per: "field:text", burst: 1 });
  await server.client().unary({ text: "tea" });
  await assert.rejects(server.client().unary({ text: "tea" }), rateLimited);
  await server.client().unary({ text: "rice" });
});

test("a field that a method does not have is a misfit", () => {
  const [unary, collect] = methods(EchoService) as [Method, Method];
  assert.equal(limitMisfit({ ...base, per: "field:text" }, unary), undefined);
  assert.equal(limitMisfit({ ...base, per: "field:number" }, unary), undefined);
  assert.match(limitMisfit({ ...base, per: "field:nothing" }, unary) ?? "", /has no field nothing/);
  assert.match(limitMisfit({ ...base, per: "field:text.deep" }, unary) ?? "", /has no field/);
  assert.match(limitMisfit({ ...base, per: "field:text" }, collect) ?? "", /stream/);
});

test("a flooding tenant does not starve another of a fair limit", async () => {
  const server = await limited({ fair: "tenant", ratePerSecond: 100, burst: 10 });
  let refused = 0;
  let quiet = 0;
  for (let ms = 0; ms < 2000; ms += 10) {
    for (let i = 0; i < 5; i++)
      await server
        .client("noisy")
        .unary({})
        .catch(() => refused++);
    if (ms % 50 === 0)
      await server
        .client("quiet")
        .unary({})
        .then(() => quiet++);
    await server.clock.advance(10);
  }
  assert.equal(quiet, 40);
  assert.ok(refused > 700);
});

test("a shared limit admits from its lease, and goes on alone while there is no store", async () => {
  const clock = createFakeClock();
  const ports = { keyValue: memoryKeyValue({ clock }) };
  const server = await limited({ shared: true, ratePerSecond: 100, burst: 5 }, "enforce", ports, clock);
  let passed = 0;
  for (let i = 0; i < 30; i++)
    await server
      .client()
      .unary({})
      .then(
        () => passed++,
        () => {},
      );
  // Two leases of 100 ms at least: a smaller bucket in the store would lose tokens.
  assert.equal(passed, 20);
  const alone = await limited({ shared: true, burst: 8 });
  await alone.client().unary({});
  await alone.client().unary({});
  await assert.rejects(alone.client().unary({}), rateLimited);
  assert.deepEqual(alone.reported, ["store-away", "decided-locally", "refused rate"]);
});

test("a reload keeps what is used, and takes effect for the next call", async () => {
  const server = await limited({});
  await server.client().unary({});
  await server.client().unary({});
  server.guard.reload({ ...base, ratePerSecond: 100, burst: 3 }, "enforce");
  await server.client().unary({});
  await assert.rejects(server.client().unary({}), rateLimited);
  server.guard.reload({ ...base, per: "tenant" }, "enforce");
  await server.client("new").unary({});
  server.guard.reload({ ...base, ratePerSecond: 0.001, burst: 1 }, "shadow");
  for (let i = 0; i < 5; i++) await server.client().unary({});
});

test("closing refuses the calls that wait", async () => {
  const server = await limited({ shape: "leaky", maxWaitMs: 1000 });
  await server.client().unary({});
  const waiting = assert.rejects(server.client().unary({}), rateLimited);
  await settled();
  server.guard.close();
  await waiting;
});

test("contradictory policies are refused", () => {
  const fields = (policy: Partial<LimitPolicy>): string[] =>
    (limitSection.check?.({ ...base, ...policy }, {}) ?? []).map(({ path }) => path.join("."));
  assert.deepEqual(fields({}), []);
  assert.deepEqual(fields({ ratePerSecond: 0 }), ["rate"]);
  assert.deepEqual(fields({ shape: "leaky", burst: 5 }), ["burst"]);
  assert.deepEqual(fields({ fair: "tenant", per: "user" }), ["fair"]);
  assert.deepEqual(fields({ fair: "tenant", shared: true }), ["fair"]);
  assert.deepEqual(fields({ shared: true, shape: "warm-up" }), ["shared"]);
  assert.deepEqual(fields({ exceptions: { a: 1 } }), ["exceptions"]);
  assert.deepEqual(fields({ weights: { a: 1 } }), ["weights"]);
});
