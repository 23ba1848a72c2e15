import assert from "node:assert/strict";
import { test } from "node:test";
import { newOrder, payOf, rejectsWithOneOf, startContractWorld } from "../../contract/contract-world.fixture.js";
import { douyin } from "../../contract/subjects.fixture.js";
import { MiniProgramErrors } from "../../errors.js";
import { verifyCallback } from "./callback.js";
import { callbackSignature } from "./signature.js";

const { CALLBACK_BAD_SIGNATURE, CALLBACK_INCOMPLETE, CALLBACK_UNREADABLE, CALLBACK_UNSUPPORTED } = MiniProgramErrors;
const token = "the-token";

/** A callback as the vendor's page shows one, properly signed. */
function callback(message: unknown, over: Record<string, unknown> = {}) {
  const msg = typeof message === "string" ? message : JSON.stringify(message);
  const signed = { timestamp: 1_602_507_471, nonce: "797", msg, type: "payment", ...over };
  const msg_signature = callbackSignature(token, String(signed.timestamp), signed.nonce, msg);
  return { headers: {}, rawBody: Buffer.from(JSON.stringify({ msg_signature, ...signed })) };
}

const paid = {
  appid: "tt1",
  cp_orderno: "out_order_no_1",
  cp_extra: "",
  way: "2",
  payment_order_no: "2021070722001450071438803941",
  total_amount: 9980,
  status: "SUCCESS",
  seller_uid: "69631798443938962290",
};

test("a payment is read, with either number of the order", async () => {
  const notification = {
    kind: "payment",
    notificationId: "payment-out_order_no_1-paid",
    outTradeNo: "out_order_no_1",
    transactionId: "2021070722001450071438803941",
    state: "paid",
    amount: 9980n,
    currency: "CNY",
  };
  assert.deepEqual(await verifyCallback(callback(paid), "tt1", token), notification);
  const newer = { ...paid, order_id: "7056", paid_at: 1_602_507_470 };
  const told = await verifyCallback(callback(newer, { timestamp: "1602507471" }), "tt1", token);
  assert.deepEqual(told, { ...notification, transactionId: "7056", paidAt: 1_602_507_470_000 });
});

test("the type is not signed, so a payment cannot be passed off as a refund", async () => {
  await rejectsWithOneOf(verifyCallback(callback(paid, { type: "refund" }), "tt1", token), CALLBACK_UNREADABLE);
  await rejectsWithOneOf(verifyCallback(callback(paid, { type: "settle" }), "tt1", token), CALLBACK_UNSUPPORTED);
});

test("the message cannot change its place, whatever the other texts give or take", async () => {
  const [timestamp, nonce, msg] = [1_602_507_471, "797", JSON.stringify(paid)];
  const msg_signature = callbackSignature(token, String(timestamp), nonce, msg);
  const verify = (over: object) => {
    const rawBody = Buffer.from(JSON.stringify({ type: "payment", msg_signature, msg, ...over }));
    return verifyCallback({ headers: {}, rawBody }, "tt1", token);
  };
  for (const moved of [
    { timestamp, nonce: `797${token}` },
    { timestamp: -1, nonce },
    { timestamp, nonce, msg: `${msg} ` },
    { timestamp, nonce: 7, msg: `97${token}${msg}` },
    { timestamp: `${timestamp}${nonce}`, msg },
  ]) {
    await rejectsWithOneOf(verify(moved), CALLBACK_BAD_SIGNATURE, CALLBACK_INCOMPLETE);
  }
  // The vendor puts no mark between the two: they can trade digits, so nothing may depend on either of them.
  assert.deepEqual(await verify({ timestamp: 160_250_747, nonce: "1797" }), await verify({ timestamp, nonce }));
});

test("a message that is signed and makes no sense is not read", async () => {
  for (const message of [
    { ...paid, total_amount: 0 },
    { ...paid, total_amount: "9980" },
    { ...paid, status: "?" },
  ]) {
    await rejectsWithOneOf(verifyCallback(callback(message), "tt1", token), CALLBACK_UNREADABLE);
  }
  await rejectsWithOneOf(verifyCallback(callback("{no json"), "tt1", token), CALLBACK_UNREADABLE);
  await rejectsWithOneOf(verifyCallback(callback("[]"), "tt1", token), CALLBACK_BAD_SIGNATURE);
});

test("an old callback is as good as a new one: the vendor names no window", async (t) => {
  const world = await startContractWorld(t, douyin);
  const order = await newOrder(world);
  await world.control("pay", { prepayId: (await payOf(world).createOrder(order, world.call())).prepayId });
  await world.control(`orders/${order.outTradeNo}/callback`, { tamper: { ageSeconds: 86_400 } });
  const old = await payOf(world).verifyCallback(world.merchant.received.at(-1) ?? assert.fail());
  const first = await payOf(world).verifyCallback(world.merchant.received[0] ?? assert.fail());
  assert.equal(old.notificationId, first.notificationId);
});
