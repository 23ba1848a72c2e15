import assert from "node:assert/strict";
import { test } from "node:test";
import { MiniProgramErrors } from "../../index.js";
import { realRules } from "../rules.js";
import { rejectsWith, startWorld, type World } from "../world.fixture.js";

let number = 0;

async function paid(world: World) {
  const order = await world.order();
  await world.control("pay", { prepayId: order.prepayId });
  world.merchant.received.length = 0;
  const refund = {
    outTradeNo: order.outTradeNo,
    outRefundNo: `refund-${++number}`,
    amount: 200n,
    total: 1200n,
    currency: "CNY",
    notifyUrl: world.merchant.url,
  };
  return refund;
}

async function told(world: World) {
  await world.standin.settled();
  const notifications = await Promise.all(
    world.merchant.received.splice(0).map((callback) => world.pay.verifyCallback(callback)),
  );
  return notifications.map((notification) => {
    assert.ok(notification.kind === "refund");
    return notification;
  });
}

test("a refund is processed, then succeeds, and the merchant is told", async (t) => {
  const world = await startWorld(t, { rules: { refundSettleMs: 5000 } });
  const refund = await paid(world);
  const started = await world.pay.refund(refund, world.call());
  assert.equal(started.state, "processing");
  await world.clock.advance(4999);
  assert.deepEqual(await told(world), []);
  await world.clock.advance(1);
  const [notification, ...more] = await told(world);
  assert.deepEqual(more, []);
  const { transactionId } = await world.pay.query(refund.outTradeNo, world.call());
  const done = await world.pay.queryRefund(refund, world.call());
  assert.equal(done.state, "succeeded");
  assert.deepEqual(notification, {
    ...done,
    kind: "refund",
    transactionId,
    notificationId: (await world.control(`refunds/${refund.outRefundNo}`)).notificationId,
  });
  assert.equal((await world.control(`refunds/${refund.outRefundNo}`)).callbackStatus, 200);
});

test("a refund that nobody wants to hear about is settled in silence", async (t) => {
  const world = await startWorld(t);
  const { notifyUrl: _, ...refund } = await paid(world);
  assert.equal((await world.pay.refund(refund, world.call())).state, "succeeded");
  await world.clock.advance(1000);
  assert.deepEqual(await told(world), []);
});

test("the next refund of an order can be made to fail, or to wait until it is settled by hand", async (t) => {
  const world = await startWorld(t, { rules: { refundSpacingMs: 0 } });
  for (const [outcome, state] of [
    ["ABNORMAL", "abnormal"],
    ["CLOSED", "closed"],
    ["SUCCESS", "succeeded"],
  ] as const) {
    const refund = await paid(world);
    await world.control(`orders/${refund.outTradeNo}/refund-outcome`, { outcome });
    assert.equal((await world.pay.refund(refund, world.call())).state, state);
    await world.clock.advance(0);
    assert.deepEqual(
      (await told(world)).map((notification) => notification.state),
      [state],
    );
    const waiting = { ...refund, outRefundNo: `${refund.outRefundNo}-w` };
    await world.control(`orders/${refund.outTradeNo}/refund-outcome`, { outcome: "PROCESSING" });
    assert.equal((await world.pay.refund(waiting, world.call())).state, "processing");
    await world.clock.advance(30 * 86_400_000);
    assert.equal((await world.pay.queryRefund(waiting, world.call())).state, "processing");
    await world.control(`refunds/${waiting.outRefundNo}/settle`, { outcome });
    await world.clock.advance(0);
    assert.deepEqual(
      (await told(world)).map((notification) => notification.state),
      [state],
    );
    assert.equal(
      (await world.control(`refunds/${waiting.outRefundNo}/settle`, {}, 409)).error,
      "the refund is settled",
    );
    // Only of the next one.
    const next = { ...refund, outRefundNo: `${refund.outRefundNo}-n` };
    assert.equal((await world.pay.refund(next, world.call())).state, "succeeded");
    await world.clock.advance(0);
    assert.equal((await told(world)).length, 1);
  }
  await world.control("orders/never-was/refund-outcome", { outcome: "SUCCESS" }, 404);
  await world.control("refunds/never-was/settle", {}, 404);
  const refund = await paid(world);
  await world.control(`orders/${refund.outTradeNo}/refund-outcome`, { outcome: "LOST" }, 400);
});

test("money that a closed refund did not give back can be given back again, that of an abnormal one cannot", async (t) => {
  const world = await startWorld(t, { rules: { refundSpacingMs: 0 } });
  for (const [outcome, again] of [
    ["CLOSED", true],
    ["ABNORMAL", false],
  ] as const) {
    const refund = { ...(await paid(world)), amount: 1200n };
    await world.control(`orders/${refund.outTradeNo}/refund-outcome`, { outcome });
    await world.pay.refund(refund, world.call());
    const second = world.pay.refund({ ...refund, outRefundNo: `${refund.outRefundNo}-2` }, world.call());
    if (again) assert.equal((await second).state, "succeeded");
    else await rejectsWith(second, MiniProgramErrors.REFUND_REJECTED, "INVALID_REQUEST");
  }
});

test("a refund's callback comes again by the schedule, also after a restart's worth of days in one step", async (t) => {
  const world = await startWorld(t, { ownClock: true });
  const refund = await paid(world);
  world.merchant.status = 500;
  await world.pay.refund(refund, world.call());
  await world.control("clock/advance", { ms: 25 * 3_600_000 });
  await world.standin.settled();
  const ids = await told(world);
  assert.equal(ids.length, 1 + realRules.callbackRetriesMs.length);
  assert.equal(new Set(ids.map(({ notificationId }) => notificationId)).size, 1);
});

test("fifty refunds of an order, a minute apart", async (t) => {
  const world = await startWorld(t);
  const refund = { ...(await paid(world)), amount: 10n };
  const next = (index: number) => world.pay.refund({ ...refund, outRefundNo: `fifty-${index}` }, world.call());
  for (let index = 0; index < 50; index++) {
    await next(index);
    if (index === 0) {
      await world.clock.advance(59_999);
      await rejectsWith(next(1), MiniProgramErrors.RATE_LIMITED, "FREQUENCY_LIMITED");
      await world.clock.advance(1);
    } else await world.clock.advance(60_000);
  }
  await rejectsWith(next(50), MiniProgramErrors.REFUND_REJECTED, "INVALID_REQUEST");
});

test("a payment can be refunded for a year", async (t) => {
  const world = await startWorld(t);
  const refund = await paid(world);
  await world.clock.advance(365 * 86_400_000);
  await world.pay.refund(refund, world.call());
  await world.clock.advance(60_001);
  const late = { ...refund, outRefundNo: `${refund.outRefundNo}-late` };
  await rejectsWith(world.pay.refund(late, world.call()), MiniProgramErrors.REFUND_REJECTED);
});
