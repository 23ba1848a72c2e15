import assert from "node:assert/strict";
import { test } from "node:test";
import { MiniProgramErrors } from "../../index.js";
import { rejectsWith, startWorld } from "../world.fixture.js";

const hour = 3_600_000;

test("an order can be asked for by the platform's number, once it is paid", async (t) => {
  const world = await startWorld(t);
  const order = await world.order();
  const { transactionId } = await world.control("pay", { prepayId: order.prepayId });
  const found = await world.pay.queryTransaction(transactionId, world.call());
  assert.deepEqual(found, await world.pay.query(order.outTradeNo, world.call()));
  await rejectsWith(world.pay.queryTransaction("4200", world.call()), MiniProgramErrors.PAY_NOT_FOUND);
});

test("an order can be made to expire; it stays what it was", async (t) => {
  const world = await startWorld(t);
  const order = await world.order();
  await world.control(`orders/${order.outTradeNo}/expire`, {});
  assert.equal((await world.control("pay", { prepayId: order.prepayId }, 409)).error, "ORDER_EXPIRED");
  assert.equal((await world.pay.query(order.outTradeNo, world.call())).state, "unpaid");
  assert.equal((await world.pay.createOrder(order, world.call())).prepayId, order.prepayId);
  await world.pay.close(order.outTradeNo, world.call());
  const paid = await world.order();
  await world.control("pay", { prepayId: paid.prepayId });
  await world.control(`orders/${paid.outTradeNo}/expire`, {}, 409);
  await world.control("orders/never-was/expire", {}, 404);
});

test("a prepay id is good for two hours; the same order again gives another", async (t) => {
  const world = await startWorld(t);
  const expiresAt = world.clock.now() + 5 * hour;
  const [early, late] = [await world.order({ expiresAt }), await world.order({ expiresAt })];
  await world.clock.advance(2 * hour - 1);
  await world.control("pay", { prepayId: early.prepayId });
  assert.equal((await world.pay.createOrder(late, world.call())).prepayId, late.prepayId);
  await world.clock.advance(1);
  assert.equal((await world.control("pay", { prepayId: late.prepayId }, 409)).error, "PREPAY_EXPIRED");
  const { prepayId } = await world.pay.createOrder(late, world.call());
  assert.notEqual(prepayId, late.prepayId);
  assert.equal((await world.control("pay", { prepayId: late.prepayId }, 409)).error, "PREPAY_EXPIRED");
  assert.equal((await world.control("pay", { prepayId })).state, "SUCCESS");
});

test("a merchant has so many requests in a second, by kind", async (t) => {
  const limits = { orders: 2, queries: 3, refunds: 1, refundQueries: 2 };
  const world = await startWorld(t, { rules: { payRequestsPerSecond: limits, refundSpacingMs: 0 } });
  const [order, unpaid] = [await world.order(), await world.order()];
  await world.control("pay", { prepayId: order.prepayId });
  const refund = { ...order, outRefundNo: "quota-1", amount: 1n, total: 1200n };
  const requests: Record<keyof typeof limits, () => Promise<unknown>> = {
    orders: () => world.pay.createOrder(unpaid, world.call()),
    queries: () => world.pay.query(order.outTradeNo, world.call()),
    refunds: () => world.pay.refund(refund, world.call()),
    refundQueries: () => world.pay.queryRefund(refund, world.call()),
  };
  for (const kind of ["orders", "queries", "refunds", "refundQueries"] as const) {
    await world.clock.advance(1000);
    for (let used = 0; used < limits[kind]; used++) await requests[kind]();
    await rejectsWith(requests[kind](), MiniProgramErrors.RATE_LIMITED, "FREQUENCY_LIMITED");
    await world.clock.advance(999);
    await rejectsWith(requests[kind](), MiniProgramErrors.RATE_LIMITED, "FREQUENCY_LIMITED");
    await world.clock.advance(1);
    await requests[kind]();
  }
});
