import assert from "node:assert/strict";
import { test } from "node:test";
import { realRules } from "../index.js";
import { startWorld } from "../world.fixture.js";

const hour = 3_600_000;

test("a callback that is not answered well comes again by the platform's schedule, then no more", async (t) => {
  const world = await startWorld(t);
  world.merchant.status = 500;
  const order = await world.order();
  const paid = await world.control("pay", { prepayId: order.prepayId });
  assert.equal(paid.callbackStatus, 500);
  const startedAt = world.clock.now();
  const expected = [0];
  for (const [index, wait] of realRules.callbackRetriesMs.entries()) {
    await world.clock.advance(wait - 1);
    await world.standin.settled();
    assert.equal(world.merchant.received.length, index + 1, `too early, retry ${index + 1}`);
    await world.clock.advance(1);
    await world.standin.settled();
    assert.equal(world.merchant.received.length, index + 2, `retry ${index + 1}`);
    expected.push(world.clock.now() - startedAt);
  }
  assert.equal(expected.at(-1), 24 * hour + 4 * 60_000);
  await world.clock.advance(48 * hour);
  await world.standin.settled();
  assert.equal(world.merchant.received.length, 16);
  const seen = await world.control(`orders/${order.outTradeNo}`);
  assert.deepEqual(
    seen.callbacks.map(({ at }) => at - startedAt),
    expected,
  );
  assert.equal(seen.nextCallbackAt, 0);
});

test("every retry is signed anew and has the same id", async (t) => {
  const world = await startWorld(t);
  world.merchant.status = 503;
  const order = await world.order();
  await world.control("pay", { prepayId: order.prepayId });
  await world.clock.advance(15_000);
  await world.standin.settled();
  await world.clock.advance(15_000);
  await world.standin.settled();
  const [, , third] = world.merchant.received;
  const { notificationId } = await world.control(`orders/${order.outTradeNo}`);
  assert.equal((await world.pay.verifyCallback(third ?? assert.fail())).notificationId, notificationId);
});

test("an answer of 2xx ends the schedule, whatever its body", async (t) => {
  const world = await startWorld(t);
  world.merchant.status = 500;
  const order = await world.order();
  await world.control("pay", { prepayId: order.prepayId });
  world.merchant.status = 204;
  await world.clock.advance(15_000);
  await world.standin.settled();
  assert.equal((await world.control(`orders/${order.outTradeNo}`)).callbackStatus, 204);
  await world.clock.advance(48 * hour);
  assert.equal(world.merchant.received.length, 2);
});

test("a merchant who is away gets the callback later", async (t) => {
  const world = await startWorld(t);
  const order = await world.order({ notifyUrl: "http://127.0.0.1:1/callback" });
  const paid = await world.control("pay", { prepayId: order.prepayId });
  assert.equal(paid.callbackStatus, 0);
  assert.equal(paid.state, "SUCCESS");
  assert.equal(paid.nextCallbackAt, world.clock.now() + 15_000);
});

test("a spoilt first delivery is followed by a good one", async (t) => {
  const world = await startWorld(t);
  world.merchant.status = 401;
  const order = await world.order();
  await world.control("pay", { prepayId: order.prepayId, tamper: { signature: "bad" } });
  world.merchant.status = 200;
  await world.clock.advance(15_000);
  await world.standin.settled();
  const [first, second] = world.merchant.received;
  await assert.rejects(world.pay.verifyCallback(first ?? assert.fail()));
  await world.pay.verifyCallback(second ?? assert.fail());
});

test("a stand-in that owns its time plays a whole day of retries in one step", async (t) => {
  const world = await startWorld(t, { ownClock: true });
  world.merchant.status = 500;
  const order = await world.order();
  await world.control("pay", { prepayId: order.prepayId });
  await world.control("clock/advance", { ms: 25 * hour });
  assert.equal(world.merchant.received.length, 16);
  const { callbacks } = await world.control(`orders/${order.outTradeNo}`);
  const waits = callbacks.slice(1).map(({ at }, index) => at - (callbacks[index]?.at ?? 0));
  // Deliveries take a little real time, which the schedule counts from their answer.
  for (const [index, wait] of waits.entries()) {
    const planned = realRules.callbackRetriesMs[index] ?? assert.fail();
    assert.ok(wait >= planned && wait < planned + 5_000, `retry ${index + 1} after ${wait}`);
  }
  // Signatures carry the real time, so the provider, whose clock did not move, still accepts them.
  await world.pay.verifyCallback(world.merchant.received.at(-1) ?? assert.fail());
});
