import assert from "node:assert/strict";
import { test } from "node:test";
import { Code, type RpcError, retryDelayMs } from "@sampan/core";
import { createFakeClock } from "@sampan/testkit";
import { guardFor, texts } from "../client.fixture.js";
import type { Enforcement } from "../guard.js";
import { serverWith } from "../server.fixture.js";
import { ShedErrors } from "./error.js";
import { shedKind } from "./layer.js";
import type { ShedPolicy } from "./policy.js";

const base: ShedPolicy = { maxLoopDelayMs: 50, retryAfterMs: 1000, priority: "normal", priorities: {} };

async function shedding(policy: Partial<ShedPolicy> = {}, enforcement: Enforcement = "enforce") {
  const clock = createFakeClock();
  const loop = { turnMs: 0, delayMs: 0, entered: 0, enter: () => void loop.entered++ };
  const made = guardFor(shedKind({ loop }).make, { ...base, ...policy }, clock, { enforcement });
  return { ...made, loop, ...(await serverWith([made.layer], {}, clock)) };
}

test("an overloaded process refuses calls with a hint, and takes them again when it is not", async () => {
  const { client, loop, reported, guard } = await shedding();
  await client().unary({});
  assert.equal(loop.entered, 1);
  loop.delayMs = 80;
  loop.turnMs = 60;
  const error = await client()
    .unary({})
    .then(
      () => assert.fail("it passed"),
      (thrown: RpcError) => thrown,
    );
  assert.ok(ShedErrors.OVERLOADED.is(error));
  assert.equal(error.code, Code.Unavailable);
  assert.equal(retryDelayMs(error), 1000);
  assert.deepEqual(reported, ["refused overloaded"]);
  assert.deepEqual(guard.state(), { inFlight: 0, loopDelayMs: 80 });
  loop.delayMs = 10;
  await client().unary({});
});

test("methods have their own importance: a payment callback outlives a product list", async () => {
  const { client, loop, guard } = await shedding({ priorities: { Produce: "critical", Unary: "low" } });
  loop.delayMs = 300;
  loop.turnMs = 150;
  await texts(client().produce({}));
  await assert.rejects(client().unary({}), ShedErrors.OVERLOADED.is);
  guard.reload({ ...base, priorities: { "sampan.test.v1.EchoService/Unary": "critical" } }, "enforce");
  await client().unary({});
  await assert.rejects(texts(client().produce({})), ShedErrors.OVERLOADED.is);
});

test("in shadow every call passes and is counted", async () => {
  const { client, loop, reported } = await shedding({}, "shadow");
  loop.delayMs = 80;
  loop.turnMs = 60;
  await client().unary({});
  assert.deepEqual(reported, ["refused overloaded"]);
});
