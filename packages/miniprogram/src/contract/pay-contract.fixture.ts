import assert from "node:assert/strict";
import { test } from "node:test";
import { MiniProgramErrors, type PayNotification, type RefundNotification } from "../index.js";
import {
  type ContractSubject,
  type ContractWorld,
  newOrder,
  payOf,
  rejectsWithOneOf,
  startContractWorld,
} from "./contract-world.fixture.js";

const {
  PAY_NOT_FOUND,
  PAY_ORDER_CLOSED,
  PAY_ORDER_CONFLICT,
  PAY_ORDER_PAID,
  PAY_REQUEST_INVALID,
  REFUND_REJECTED,
  NOT_OFFERED,
} = MiniProgramErrors;

/** What every vendor's payments do, against its stand-in. */
export function payContract(subject: ContractSubject): void {
  const { platform } = subject;

  test(`${platform}: an order is created, paid on the phone, called back about and queried`, async (t) => {
    const world = await startContractWorld(t, subject);
    const pay = payOf(world);
    const order = await newOrder(world);
    const { prepayId } = await pay.createOrder(order, world.call());
    assert.deepEqual(await pay.createOrder(order, world.call()), { prepayId });
    const unpaid = await pay.query(order.outTradeNo, world.call());
    assert.deepEqual([unpaid.state, unpaid.amount, unpaid.currency], ["unpaid", 1200n, "CNY"]);

    const clientParameters = await pay.clientParameters(prepayId);
    const paid = await world.control("pay", { clientParameters });
    assert.equal(paid.callbackStatus, 200);
    const notification = await verified(world, 0);
    assert.equal(notification.kind, "payment");
    const { outTradeNo, state, amount, currency, transactionId, notificationId } = notification as PayNotification;
    assert.deepEqual([outTradeNo, state, amount, currency], [order.outTradeNo, "paid", 1200n, "CNY"]);
    assert.ok(notificationId.length > 0);
    const queried = await pay.query(order.outTradeNo, world.call());
    assert.deepEqual([queried.state, queried.amount, queried.transactionId], ["paid", 1200n, transactionId]);
    assert.equal(queried.paidAt, Math.floor(world.clock.now() / 1000) * 1000);
    if (pay.capabilities.queryTransaction) {
      assert.deepEqual(await pay.queryTransaction(transactionId, world.call()), queried);
    } else await rejectsWithOneOf(pay.queryTransaction(transactionId, world.call()), NOT_OFFERED);
    await rejectsWithOneOf(pay.createOrder(order, world.call()), PAY_ORDER_PAID, PAY_REQUEST_INVALID);
  });

  test(`${platform}: amounts are exact, from the smallest unit on`, async (t) => {
    const world = await startContractWorld(t, subject);
    for (const amount of [1n, 10n, 99n, 100n, 123_456_789n]) {
      const order = await newOrder(world, { amount });
      const { prepayId } = await payOf(world).createOrder(order, world.call());
      await world.control("pay", { prepayId });
      assert.equal((await payOf(world).query(order.outTradeNo, world.call())).amount, amount);
      assert.equal((await verified(world, -1)).amount, amount);
    }
    for (const amount of [0n, -1n, 2n ** 60n]) {
      const refused = payOf(world).createOrder(await newOrder(world, { amount }), world.call());
      await rejectsWithOneOf(refused, MiniProgramErrors.AMOUNT_UNSUPPORTED);
    }
    const foreign = payOf(world).createOrder(await newOrder(world, { currency: "XTS" }), world.call());
    await rejectsWithOneOf(foreign, MiniProgramErrors.CURRENCY_UNSUPPORTED, PAY_REQUEST_INVALID);
  });

  test(`${platform}: a number that was used for something else is refused`, async (t) => {
    const world = await startContractWorld(t, subject);
    const order = await newOrder(world);
    await payOf(world).createOrder(order, world.call());
    const other = payOf(world).createOrder({ ...order, amount: 1300n }, world.call());
    await rejectsWithOneOf(other, subject.tellsConflict ? PAY_ORDER_CONFLICT : PAY_REQUEST_INVALID);
  });

  test(`${platform}: what the platform did without being heard is found by repeating it`, async (t) => {
    const world = await startContractWorld(t, subject);
    const order = await newOrder(world);
    await world.faults("drop-after");
    const first = await payOf(world)
      .createOrder(order, world.call())
      .catch(() => undefined);
    const second = await payOf(world).createOrder(order, world.call());
    if (first !== undefined) assert.deepEqual(second, first);
    assert.equal((await world.control("pay", { prepayId: second.prepayId })).state, "SUCCESS");
  });

  test(`${platform}: a callback is answered in the vendor's own words, or comes again`, async (t) => {
    const world = await startContractWorld(t, subject);
    const { prepayId } = await payOf(world).createOrder(await newOrder(world), world.call());
    world.merchant.answer = { status: 500, body: "" };
    const paid = await world.control("pay", { prepayId });
    assert.equal(paid.callbackStatus, 500);
    assert.ok(paid.nextCallbackAt > world.clock.now());
    world.merchant.answer = undefined;
    await world.clock.advance(paid.nextCallbackAt - world.clock.now());
    await world.standin.settled();
    assert.equal(world.merchant.received.length, 2);
    const [first, second] = [await verified(world, 0), await verified(world, 1)];
    assert.equal(first.notificationId, second.notificationId);
    await world.clock.advance(48 * 3_600_000);
    await world.standin.settled();
    assert.equal(world.merchant.received.length, 2);
  });

  test(`${platform}: forged, altered and foreign callbacks are refused`, async (t) => {
    const world = await startContractWorld(t, subject);
    const order = await newOrder(world);
    const { prepayId } = await payOf(world).createOrder(order, world.call());
    await world.control("pay", { prepayId });
    const { CALLBACK_BAD_SIGNATURE, CALLBACK_INCOMPLETE, CALLBACK_WRONG_MERCHANT } = MiniProgramErrors;
    for (const [tamper, error] of [
      [{ signature: "bad" }, CALLBACK_BAD_SIGNATURE],
      [{ body: "altered" }, CALLBACK_BAD_SIGNATURE],
      [{ signature: "none" }, CALLBACK_INCOMPLETE],
      [{ merchant: "other" }, CALLBACK_WRONG_MERCHANT],
    ] as const) {
      await world.control(`orders/${order.outTradeNo}/callback`, { tamper });
      await rejectsWithOneOf(verified(world, -1), error);
    }
    for (const rawBody of [Buffer.from(""), Buffer.from("{}"), Buffer.from("a=b"), Buffer.from([0xff, 0xfe])]) {
      const headers = world.merchant.received[0]?.headers ?? assert.fail();
      const forged = payOf(world).verifyCallback({ headers, rawBody });
      await rejectsWithOneOf(forged, CALLBACK_BAD_SIGNATURE, CALLBACK_INCOMPLETE);
    }
    // The amount is the platform's word, to be compared by whoever asked for another.
    await world.control(`orders/${order.outTradeNo}/callback`, { tamper: { amount: 1 } });
    assert.equal((await verified(world, -1)).amount, 1n);
  });

  test(`${platform}: an order is closed, or ends by itself where the vendor closes none`, async (t) => {
    const world = await startContractWorld(t, subject);
    const pay = payOf(world);
    const order = await newOrder(world);
    const { prepayId } = await pay.createOrder(order, world.call());
    if (pay.capabilities.close) await pay.close(order.outTradeNo, world.call());
    else {
      await rejectsWithOneOf(pay.close(order.outTradeNo, world.call()), NOT_OFFERED);
      await world.clock.advance(900_000);
    }
    await pay.close(order.outTradeNo, world.call());
    assert.equal((await pay.query(order.outTradeNo, world.call())).state, "closed");
    await world.control("pay", { prepayId }, 409);
    const again = pay.createOrder({ ...order, expiresAt: world.clock.now() + 900_000 }, world.call());
    await rejectsWithOneOf(again, PAY_ORDER_CLOSED, PAY_ORDER_CONFLICT, PAY_REQUEST_INVALID);

    const paid = await newOrder(world);
    await world.control("pay", { prepayId: (await pay.createOrder(paid, world.call())).prepayId });
    await rejectsWithOneOf(pay.close(paid.outTradeNo, world.call()), PAY_ORDER_PAID);
    await rejectsWithOneOf(pay.close("nobody_s", world.call()), PAY_NOT_FOUND);
    await rejectsWithOneOf(pay.query("nobody_s", world.call()), PAY_NOT_FOUND);
  });

  test(`${platform}: an order that is over cannot be paid`, async (t) => {
    const world = await startContractWorld(t, subject);
    const order = await newOrder(world, { expiresAt: world.clock.now() + 600_000 });
    const { prepayId } = await payOf(world).createOrder(order, world.call());
    await world.clock.advance(600_000);
    await world.control("pay", { prepayId }, 409);
    const late = payOf(world).createOrder(await newOrder(world, { expiresAt: world.clock.now() - 1 }), world.call());
    await rejectsWithOneOf(late, PAY_REQUEST_INVALID);
  });

  test(`${platform}: parts are refunded once for each number, and never more than was paid`, async (t) => {
    const world = await startContractWorld(t, subject);
    const pay = payOf(world);
    const order = await newOrder(world);
    const { prepayId } = await pay.createOrder(order, world.call());
    const { outTradeNo } = order;
    const refund = { outTradeNo, outRefundNo: `${outTradeNo}_r1`, amount: 200n, total: 1200n, currency: "CNY" };
    await rejectsWithOneOf(pay.refund(refund, world.call()), REFUND_REJECTED, PAY_NOT_FOUND);
    await world.control("pay", { prepayId });
    const started = await pay.refund(refund, world.call());
    assert.equal(started.state, subject.refundsAtOnce ? "succeeded" : "processing");
    const repeated = await pay.refund(refund, world.call());
    assert.deepEqual([repeated.refundId, repeated.amount], [started.refundId, 200n]);
    const done = await pay.queryRefund(refund, world.call());
    assert.deepEqual(
      [done.outTradeNo, done.outRefundNo, done.state, done.amount, done.currency, done.refundId],
      [outTradeNo, refund.outRefundNo, "succeeded", 200n, "CNY", started.refundId],
    );
    assert.equal(done.succeededAt, Math.floor(world.clock.now() / 1000) * 1000);
    await rejectsWithOneOf(pay.refund({ ...refund, amount: 300n }, world.call()), REFUND_REJECTED);
    const tooMuch = { ...refund, outRefundNo: `${outTradeNo}_r2`, amount: 1001n };
    await rejectsWithOneOf(pay.refund(tooMuch, world.call()), REFUND_REJECTED);
    await pay.refund({ ...tooMuch, amount: 1000n, reason: "no more tea" }, world.call());
    await rejectsWithOneOf(pay.queryRefund({ outTradeNo, outRefundNo: "nobody_s" }, world.call()), PAY_NOT_FOUND);
  });

  test(`${platform}: a refund that takes its time is asked for again`, async (t) => {
    const world = await startContractWorld(t, subject, { refundSettleMs: 5_000 });
    const pay = payOf(world);
    const order = await newOrder(world);
    await world.control("pay", { prepayId: (await pay.createOrder(order, world.call())).prepayId });
    const key = { outTradeNo: order.outTradeNo, outRefundNo: `${order.outTradeNo}_slow` };
    const refund = { ...key, amount: 1200n, total: 1200n, currency: "CNY", notifyUrl: world.merchant.url };
    assert.equal((await pay.refund(refund, world.call())).state, "processing");
    assert.equal((await pay.queryRefund(key, world.call())).state, "processing");
    await world.clock.advance(5_000);
    await world.standin.settled();
    assert.equal((await pay.queryRefund(key, world.call())).state, "succeeded");
    const told = await verified(world, -1);
    if (!pay.capabilities.refundCallback) {
      assert.deepEqual([told.kind, told.state], ["payment", "refunded"]);
      return;
    }
    const { kind, outTradeNo, outRefundNo, state, amount } = told as RefundNotification;
    assert.deepEqual(
      [kind, outTradeNo, outRefundNo, state, amount],
      ["refund", key.outTradeNo, key.outRefundNo, "succeeded", 1200n],
    );
  });

  test(`${platform}: bills are there, or said not to be`, async (t) => {
    const world = await startContractWorld(t, subject);
    const pay = payOf(world);
    if (pay.capabilities.downloadBill) return;
    const lines = pay.downloadBill({ kind: "trade", date: "2026-11-20" }, world.call());
    await rejectsWithOneOf(lines[Symbol.asyncIterator]().next(), NOT_OFFERED);
  });
}

/** What the merchant makes of a callback that it received; -1 is the last one. */
async function verified(world: ContractWorld, index: number): Promise<PayNotification | RefundNotification> {
  await world.standin.settled();
  return payOf(world).verifyCallback(world.merchant.received.at(index) ?? assert.fail("no such callback"));
}
