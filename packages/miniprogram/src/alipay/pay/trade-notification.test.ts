import assert from "node:assert/strict";
import { test } from "node:test";
import { newOrder, payOf, rejectsWithOneOf, startContractWorld } from "../../contract/contract-world.fixture.js";
import { alipay } from "../../contract/subjects.fixture.js";
import { MiniProgramErrors } from "../../errors.js";
import type { Callback, PayNotification } from "../../pay.js";
import { standinAlipayConfiguration } from "../../standin/index.js";
import { alipayProvider } from "../provider.js";

const { CALLBACK_BAD_SIGNATURE, CALLBACK_UNREADABLE, CALLBACK_WRONG_MERCHANT } = MiniProgramErrors;

async function paidWorld(t: Parameters<typeof startContractWorld>[0]) {
  const world = await startContractWorld(t, alipay);
  const order = await newOrder(world);
  const { prepayId } = await payOf(world).createOrder(order, world.call());
  await world.control("pay", { prepayId });
  return { world, order, callback: world.merchant.received[0] ?? assert.fail() };
}

function altered({ headers, rawBody }: Callback, change: (form: URLSearchParams) => void): Callback {
  const form = new URLSearchParams(Buffer.from(rawBody).toString());
  change(form);
  return { headers, rawBody: Buffer.from(form.toString()) };
}

test("every parameter but the two of the signature is signed", async (t) => {
  const { world, callback } = await paidWorld(t);
  const names = [...new URLSearchParams(Buffer.from(callback.rawBody).toString()).keys()];
  assert.ok(names.length > 15);
  for (const name of names.filter((one) => one !== "sign" && one !== "sign_type")) {
    const changed = altered(callback, (form) => form.set(name, `${form.get(name)}0`));
    await rejectsWithOneOf(payOf(world).verifyCallback(changed), CALLBACK_BAD_SIGNATURE);
  }
  const added = altered(callback, (form) => form.set("refund_fee", "12.00"));
  await rejectsWithOneOf(payOf(world).verifyCallback(added), CALLBACK_BAD_SIGNATURE);
  const weaker = altered(callback, (form) => form.set("sign_type", "RSA"));
  await rejectsWithOneOf(payOf(world).verifyCallback(weaker), CALLBACK_BAD_SIGNATURE);
});

test("a parameter that comes twice is refused", async (t) => {
  const { world, callback } = await paidWorld(t);
  const twice = altered(callback, (form) => form.append("total_amount", "0.01"));
  await rejectsWithOneOf(payOf(world).verifyCallback(twice), CALLBACK_UNREADABLE);
});

test("another seller's callback is not ours", async (t) => {
  const { world, callback } = await paidWorld(t);
  const configuration = standinAlipayConfiguration(world.keys.vendors, world.standin.url);
  const other = alipayProvider({ ...configuration, pay: { sellerId: "2088000000000000" } }, { clock: world.clock });
  t.after(() => other.close());
  await rejectsWithOneOf(other.pay?.verifyCallback(callback) ?? assert.fail(), CALLBACK_WRONG_MERCHANT);
});

test("a refund is told as its trade in another state, and the query says paid until all is given back", async (t) => {
  const { world, order } = await paidWorld(t);
  const pay = payOf(world);
  const { outTradeNo } = order;
  const refund = { outTradeNo, outRefundNo: `${outTradeNo}_a`, amount: 200n, total: 1200n, currency: "CNY" };
  await pay.refund(refund, world.call());
  await world.clock.advance(0);
  await world.standin.settled();
  const told = (await pay.verifyCallback(world.merchant.received.at(-1) ?? assert.fail())) as PayNotification;
  assert.deepEqual([told.kind, told.state, told.amount], ["payment", "refunded", 1200n]);
  assert.equal((await pay.query(outTradeNo, world.call())).state, "paid");
  await pay.refund({ ...refund, outRefundNo: `${outTradeNo}_b`, amount: 1000n }, world.call());
  assert.equal((await pay.query(outTradeNo, world.call())).state, "refunded");
  await rejectsWithOneOf(pay.close(outTradeNo, world.call()), MiniProgramErrors.PAY_ORDER_PAID);
});
