import assert from "node:assert/strict";
import { createPublicKey } from "node:crypto";
import { test } from "node:test";
import { Code, RpcError } from "@sampan/core";
import { isRetryable, MiniProgramErrors } from "../../errors.js";
import type { PayOrder } from "../../pay.js";
import { standinConfiguration } from "../../standin/index.js";
import { rejectsWith, startWorld, testKeys } from "../../standin/world.fixture.js";
import { wechatProvider } from "../provider.js";
import { clientMessage, verifyBytes } from "./signature.js";

test("an order is created, paid, queried and refunded in parts", async (t) => {
  const world = await startWorld(t, { rules: { refundSpacingMs: 0 } });
  const order = await world.order();
  const unpaid = await world.pay.query(order.outTradeNo, world.call());
  assert.equal(unpaid.state, "unpaid");
  assert.equal(unpaid.amount, 1200n);
  assert.equal(unpaid.transactionId, undefined);

  const paid = await world.control("pay", { prepayId: order.prepayId });
  assert.equal(paid.callbackStatus, 200);
  const transaction = await world.pay.query(order.outTradeNo, world.call());
  assert.deepEqual(transaction, {
    outTradeNo: order.outTradeNo,
    state: "paid",
    amount: 1200n,
    currency: "CNY",
    transactionId: paid.transactionId,
    payerOpenid: order.payerOpenid,
    paidAt: world.clock.now(),
  });

  const { outTradeNo, currency } = order;
  const refund = { outTradeNo, outRefundNo: "refund-1", amount: 200n, total: 1200n, currency, reason: "broken" };
  const first = await world.pay.refund(refund, world.call());
  assert.equal(first.state, "succeeded");
  assert.equal(first.amount, 200n);
  assert.deepEqual(await world.pay.refund(refund, world.call()), first);
  assert.deepEqual(await world.pay.queryRefund(refund, world.call()), first);
  await world.pay.refund({ ...refund, outRefundNo: "refund-2", amount: 1000n }, world.call());
  const over = world.pay.refund({ ...refund, outRefundNo: "refund-3", amount: 1n }, world.call());
  await rejectsWith(over, MiniProgramErrors.REFUND_REJECTED, "INVALID_REQUEST");
  assert.equal((await world.pay.query(outTradeNo, world.call())).state, "refunded");
});

test("the same order again gives the same prepay id, another under its number is a conflict", async (t) => {
  const world = await startWorld(t);
  const order = await world.order();
  assert.equal((await world.pay.createOrder(order, world.call())).prepayId, order.prepayId);
  const changes: Partial<PayOrder>[] = [
    { amount: 1201n },
    { description: "coffee" },
    { payerOpenid: await world.user() },
  ];
  for (const change of changes) {
    const error = await world.pay.createOrder({ ...order, ...change }, world.call()).catch((thrown) => thrown);
    assert.ok(MiniProgramErrors.PAY_ORDER_CONFLICT.is(error));
    assert.equal(error.code, Code.AlreadyExists);
  }
});

test("each field of an order is checked", async (t) => {
  const world = await startWorld(t);
  const wrong: Partial<PayOrder>[] = [
    { outTradeNo: "short" },
    { outTradeNo: "x".repeat(33) },
    { outTradeNo: "with space" },
    { description: "" },
    { description: "x".repeat(128) },
    { payerOpenid: "oNobody" },
    { notifyUrl: "http://example.com/callback" },
    { notifyUrl: `${world.merchant.url}?order=1` },
    { notifyUrl: "ftp://127.0.0.1/" },
    { currency: "GBP" },
    { expiresAt: world.clock.now() },
  ];
  for (const change of wrong) {
    const error = await world.order(change).catch((thrown) => thrown);
    assert.ok(MiniProgramErrors.PAY_REQUEST_INVALID.is(error), JSON.stringify(Object.keys(change)));
    assert.equal(isRetryable(error), false);
  }
  await rejectsWith(world.order({ amount: 0n }), MiniProgramErrors.AMOUNT_UNSUPPORTED);
  await rejectsWith(world.order({ amount: -5n }), MiniProgramErrors.AMOUNT_UNSUPPORTED);
  await world.order({ notifyUrl: "https://example.com/callback", description: "茶".repeat(127) });
});

test("other currencies are a rule of the stand-in", async (t) => {
  const world = await startWorld(t, { rules: { currencies: ["CNY", "GBP"] } });
  const order = await world.order({ currency: "GBP" });
  assert.equal((await world.pay.query(order.outTradeNo, world.call())).currency, "GBP");
});

test("an order can be closed, again and again, and then neither paid nor created again", async (t) => {
  const world = await startWorld(t);
  const order = await world.order();
  await world.pay.close(order.outTradeNo, world.call());
  await world.pay.close(order.outTradeNo, world.call());
  assert.equal((await world.pay.query(order.outTradeNo, world.call())).state, "closed");
  assert.equal((await world.control("pay", { prepayId: order.prepayId }, 409)).error, "ORDER_CLOSED");
  await rejectsWith(world.pay.createOrder(order, world.call()), MiniProgramErrors.PAY_ORDER_CLOSED);
});

test("a paid order can be neither closed, nor paid or created again", async (t) => {
  const world = await startWorld(t);
  const order = await world.order();
  await world.control("pay", { prepayId: order.prepayId });
  await rejectsWith(world.pay.close(order.outTradeNo, world.call()), MiniProgramErrors.PAY_ORDER_PAID, "ORDERPAID");
  await rejectsWith(world.pay.createOrder(order, world.call()), MiniProgramErrors.PAY_ORDER_PAID);
  assert.equal((await world.control("pay", { prepayId: order.prepayId }, 409)).error, "ORDERPAID");
  assert.equal(world.merchant.received.length, 1);
});

test("an order cannot be paid from its expiry on", async (t) => {
  const world = await startWorld(t);
  const expiresAt = world.clock.now() + 60_000;
  const [early, late] = [await world.order({ expiresAt }), await world.order({ expiresAt })];
  await world.clock.advance(59_999);
  await world.control("pay", { prepayId: early.prepayId });
  await world.clock.advance(1);
  assert.equal((await world.control("pay", { prepayId: late.prepayId }, 409)).error, "ORDER_EXPIRED");
});

test("what nobody created is not found", async (t) => {
  const world = await startWorld(t);
  await rejectsWith(world.pay.query("never-was", world.call()), MiniProgramErrors.PAY_NOT_FOUND, "ORDER_NOT_EXIST");
  await rejectsWith(world.pay.query("a/b?c", world.call()), MiniProgramErrors.PAY_NOT_FOUND);
  await rejectsWith(world.pay.close("never-was", world.call()), MiniProgramErrors.PAY_NOT_FOUND);
  await rejectsWith(
    world.pay.queryRefund({ outTradeNo: "never-was", outRefundNo: "never-was" }, world.call()),
    MiniProgramErrors.PAY_NOT_FOUND,
  );
});

test("a refund keeps the platform's rules", async (t) => {
  const world = await startWorld(t, { rules: { refundsPerOrder: 2, refundableMs: 3_600_000 } });
  const order = await world.order();
  const refund = { ...order, outRefundNo: "rules-1", amount: 100n, total: 1200n };
  await rejectsWith(world.pay.refund(refund, world.call()), MiniProgramErrors.PAY_NOT_FOUND, "RESOURCE_NOT_EXISTS");
  await world.control("pay", { prepayId: order.prepayId });
  await rejectsWith(world.pay.refund({ ...refund, total: 1300n }, world.call()), MiniProgramErrors.REFUND_REJECTED);
  await rejectsWith(world.pay.refund({ ...refund, currency: "USD" }, world.call()), MiniProgramErrors.REFUND_REJECTED);
  await rejectsWith(world.pay.refund({ ...refund, amount: 1201n }, world.call()), MiniProgramErrors.REFUND_REJECTED);
  await world.pay.refund(refund, world.call());
  await rejectsWith(world.pay.refund({ ...refund, amount: 99n }, world.call()), MiniProgramErrors.REFUND_REJECTED);

  const second = { ...refund, outRefundNo: "rules-2" };
  await world.clock.advance(59_999);
  await rejectsWith(world.pay.refund(second, world.call()), MiniProgramErrors.RATE_LIMITED, "FREQUENCY_LIMITED");
  await world.clock.advance(1);
  await world.pay.refund(second, world.call());
  await world.clock.advance(60_000);
  const third = { ...refund, outRefundNo: "rules-3" };
  await rejectsWith(world.pay.refund(third, world.call()), MiniProgramErrors.REFUND_REJECTED);
});

test("an old payment is not refunded", async (t) => {
  const world = await startWorld(t, { rules: { refundableMs: 3_600_000 } });
  const order = await world.order();
  await world.control("pay", { prepayId: order.prepayId });
  await world.clock.advance(3_600_001);
  const refund = { ...order, outRefundNo: "old-1", total: 1200n };
  await rejectsWith(world.pay.refund(refund, world.call()), MiniProgramErrors.REFUND_REJECTED);
});

test("a refund may take its time", async (t) => {
  const world = await startWorld(t, { rules: { refundSettleMs: 5000 } });
  const order = await world.order();
  await world.control("pay", { prepayId: order.prepayId });
  const refund = { ...order, outRefundNo: "slow-1", total: 1200n };
  const started = await world.pay.refund(refund, world.call());
  assert.equal(started.state, "processing");
  assert.equal(started.succeededAt, undefined);
  await world.clock.advance(5000);
  const done = await world.pay.queryRefund(refund, world.call());
  assert.equal(done.state, "succeeded");
  assert.equal(done.succeededAt, world.clock.now());
});

test("the client's parameters are signed by the merchant, and a phone refuses others", async (t) => {
  const world = await startWorld(t);
  const { merchant, appId } = await testKeys();
  const order = await world.order();
  const parameters = await world.pay.clientParameters(order.prepayId);
  const { timeStamp = "", nonceStr = "", package: pack = "", paySign = "" } = parameters;
  assert.equal(parameters.package, `prepay_id=${order.prepayId}`);
  assert.equal(parameters.timeStamp, String(world.clock.now() / 1000));
  const message = clientMessage(appId, timeStamp, nonceStr, pack);
  assert.ok(await verifyBytes(Buffer.from(message), paySign, createPublicKey(merchant.publicKey)));

  for (const change of [{ nonceStr: "other" }, { timeStamp: "1" }, { signType: "MD5" }, { package: "prepay_id=x" }]) {
    const clientParameters = { ...parameters, ...change };
    assert.equal((await world.control("pay", { clientParameters }, 409)).error, "BAD_PAY_SIGN");
  }
  assert.equal((await world.control("refuse", { clientParameters: parameters })).refusals, 1);
  assert.equal((await world.control("pay", { clientParameters: parameters })).state, "SUCCESS");
});

test("a merchant with a wrong key, serial or number is refused", async (t) => {
  const keys = await testKeys();
  const other = keys.platform[0]?.privateKey ?? "";
  const right = standinConfiguration(keys, "http://127.0.0.1:1").pay;
  for (const change of [
    { merchantPrivateKey: other },
    { merchantSerial: "00".repeat(20) },
    { merchantId: "1999999999" },
  ]) {
    const world = await startWorld(t);
    const pay = { ...right, ...change, urls: [world.standin.url] };
    const provider = wechatProvider({ ...standinConfiguration(keys, world.standin.url), pay }, { clock: world.clock });
    t.after(() => provider.close());
    const query = provider.pay?.query("never-was", world.call()) ?? assert.fail();
    await rejectsWith(query, MiniProgramErrors.PLATFORM_REFUSED_CREDENTIALS);
  }
});

test("an answer that nobody known has signed is not believed", async (t) => {
  const world = await startWorld(t);
  const order = await world.order();
  for (const kind of ["forged", "unsigned"]) {
    await world.control("faults", { kind });
    await rejectsWith(world.pay.query(order.outTradeNo, world.call()), MiniProgramErrors.PLATFORM_ANSWER_FORGED);
    await world.control("faults", { kind });
    await rejectsWith(world.pay.close(order.outTradeNo, world.call()), MiniProgramErrors.PLATFORM_ANSWER_FORGED);
  }
  await world.control("faults", { kind: "forged" });
  await rejectsWith(world.pay.query("never-was", world.call()), MiniProgramErrors.PLATFORM_ANSWER_FORGED);
  assert.equal((await world.pay.query(order.outTradeNo, world.call())).state, "closed");
});

test("busy and limited platforms are retryable", async (t) => {
  const world = await startWorld(t);
  const order = await world.order();
  for (const kind of ["busy", "rate-limited"]) {
    await world.control("faults", { kind });
    const error = await world.pay.query(order.outTradeNo, world.call()).catch((thrown) => thrown);
    assert.ok(error instanceof RpcError && isRetryable(error), kind);
  }
});
