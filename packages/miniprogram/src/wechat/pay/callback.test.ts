import assert from "node:assert/strict";
import { test } from "node:test";
import { Code, type ErrorFactory, RpcError } from "@sampan/core";
import { memoryKeyValue } from "@sampan/core/memory";
import { MiniProgramErrors } from "../../errors.js";
import type { Callback } from "../../pay.js";
import { standinConfiguration } from "../../standin/index.js";
import type { Tamper } from "../../standin/pay/callback-message.js";
import { rejectsWith, startWorld, type World } from "../../standin/world.fixture.js";
import { wechatProvider } from "../provider.js";

/** Pays a new order and gives what arrived at the merchant first. */
async function paid(world: World, tamper?: Tamper): Promise<Callback & { outTradeNo: string }> {
  const order = await world.order();
  const before = world.merchant.received.length;
  await world.control("pay", { prepayId: order.prepayId, ...(tamper === undefined ? {} : { tamper }) });
  const received = world.merchant.received[before] ?? assert.fail("no callback");
  return { ...received, outTradeNo: order.outTradeNo };
}

test("a callback says what was paid, by whom, and under which id", async (t) => {
  const world = await startWorld(t);
  const callback = await paid(world);
  const notification = await world.pay.verifyCallback(callback);
  const transaction = await world.pay.query(callback.outTradeNo, world.call());
  assert.deepEqual(notification, {
    ...transaction,
    kind: "payment",
    notificationId: notification.notificationId,
    transactionId: transaction.transactionId,
  });
  assert.match(notification.notificationId, /^EV-/);
  assert.equal(notification.state, "paid");
});

test("both key schemes are known: the public key id and the certificate serial", async (t) => {
  const world = await startWorld(t);
  const byId = await paid(world);
  const bySerial = await paid(world, { serial: "certificate" });
  assert.match(String(byId.headers["wechatpay-serial"]), /^PUB_KEY_ID_/);
  assert.match(String(bySerial.headers["wechatpay-serial"]), /^[0-9A-F]{40}$/);
  for (const callback of [byId, bySerial]) {
    assert.equal((await world.pay.verifyCallback(callback)).outTradeNo, callback.outTradeNo);
  }
});

test("a repeated delivery is signed anew, and verifies again under the same id", async (t) => {
  const world = await startWorld(t);
  const first = await paid(world);
  for (let again = 0; again < 3; again++) await world.control(`orders/${first.outTradeNo}/callback`, {});
  const verified = await Promise.all(world.merchant.received.map((callback) => world.pay.verifyCallback(callback)));
  assert.equal(new Set(verified.map(({ notificationId }) => notificationId)).size, 1);
  assert.equal(verified.length, 4);
});

test("a copy of a delivery, to the last byte, is a replay", async (t) => {
  const world = await startWorld(t);
  await paid(world, { duplicates: 2 });
  assert.equal(world.merchant.received.length, 3);
  const verified = await Promise.allSettled(world.merchant.received.map((copy) => world.pay.verifyCallback(copy)));
  assert.equal(verified.filter(({ status }) => status === "fulfilled").length, 1);
  const [first = assert.fail()] = world.merchant.received;
  await rejectsWith(world.pay.verifyCallback(first), MiniProgramErrors.CALLBACK_REPLAYED);
  // Headers that nobody signed make no other delivery of it.
  const headers = { ...first.headers, "user-agent": "other", "wechatpay-serial": first.headers["wechatpay-serial"] };
  await rejectsWith(world.pay.verifyCallback({ ...first, headers }), MiniProgramErrors.CALLBACK_REPLAYED);
});

test("processes that share a store refuse what one of them has seen", async (t) => {
  const world = await startWorld(t);
  const callback = await paid(world);
  const keyValue = memoryKeyValue({ clock: world.clock });
  const [one, other] = [1, 2].map(() => {
    const provider = wechatProvider(standinConfiguration(world.keys, world.standin.url), {
      clock: world.clock,
      keyValue,
    });
    t.after(() => provider.close());
    return provider.pay ?? assert.fail();
  });
  assert.ok(one !== undefined && other !== undefined);
  await one.verifyCallback(callback);
  await rejectsWith(other.verifyCallback(callback), MiniProgramErrors.CALLBACK_REPLAYED);
  await keyValue.close();
  // What cannot be checked is not believed: the platform delivers it again.
  await world.control(`orders/${callback.outTradeNo}/callback`, {});
  await assert.rejects(other.verifyCallback(world.merchant.received.at(-1) ?? assert.fail()), {
    code: Code.Unavailable,
  });
});

test("a forged callback leaves no trace: the real one with its nonce is taken", async (t) => {
  const world = await startWorld(t);
  const { headers, rawBody } = await paid(world);
  const forged = { headers: { ...headers, "wechatpay-signature": "Zm9yZ2Vk" }, rawBody };
  await rejectsWith(world.pay.verifyCallback(forged), MiniProgramErrors.CALLBACK_BAD_SIGNATURE);
  await world.pay.verifyCallback({ headers, rawBody });
});

const spoilt: readonly [string, Tamper, ErrorFactory][] = [
  ["a wrong signature", { signature: "bad" }, MiniProgramErrors.CALLBACK_BAD_SIGNATURE],
  ["the platform's probe", { signature: "probe" }, MiniProgramErrors.CALLBACK_BAD_SIGNATURE],
  ["no signature", { signature: "none" }, MiniProgramErrors.CALLBACK_INCOMPLETE],
  ["an unknown serial", { serial: "unknown" }, MiniProgramErrors.CALLBACK_UNKNOWN_SERIAL],
  ["a changed body", { body: "altered" }, MiniProgramErrors.CALLBACK_BAD_SIGNATURE],
  ["an old timestamp", { ageSeconds: 300 }, MiniProgramErrors.CALLBACK_STALE],
  ["an early timestamp", { ageSeconds: -300 }, MiniProgramErrors.CALLBACK_STALE],
  ["another key's resource", { resource: "undecryptable" }, MiniProgramErrors.CALLBACK_UNREADABLE],
  ["another merchant", { merchant: "other" }, MiniProgramErrors.CALLBACK_WRONG_MERCHANT],
];

for (const [what, tamper, factory] of spoilt) {
  test(`a callback with ${what} is refused`, async (t) => {
    const world = await startWorld(t);
    await rejectsWith(world.pay.verifyCallback(await paid(world, tamper)), factory);
  });
}

test("a timestamp may differ by 299 seconds, either way", async (t) => {
  const world = await startWorld(t);
  for (const ageSeconds of [299, -299]) await world.pay.verifyCallback(await paid(world, { ageSeconds }));
});

test("a captured callback is worthless after 300 seconds", async (t) => {
  const world = await startWorld(t);
  const callback = await paid(world);
  await world.clock.advance(299_999);
  await rejectsWith(
    world.pay.verifyCallback({ ...callback, rawBody: Buffer.from("{}") }),
    MiniProgramErrors.CALLBACK_BAD_SIGNATURE,
  );
  await world.clock.advance(1);
  await rejectsWith(world.pay.verifyCallback(callback), MiniProgramErrors.CALLBACK_STALE);
});

test("a wrong amount is shown to the caller as it is, who has to compare", async (t) => {
  const world = await startWorld(t);
  const notification = await world.pay.verifyCallback(await paid(world, { amount: 1 }));
  assert.equal(notification.amount, 1n);
});

test("headers may have any case, but must be there once", async (t) => {
  const world = await startWorld(t);
  const { headers, rawBody } = await paid(world);
  const upper = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toUpperCase(), value]));
  await world.pay.verifyCallback({ headers: upper, rawBody });
  const serial = String(headers["wechatpay-serial"]);
  const single = { headers: { ...headers, "wechatpay-serial": [serial] }, rawBody };
  await rejectsWith(world.pay.verifyCallback(single), MiniProgramErrors.CALLBACK_REPLAYED);
  for (const change of [
    { "wechatpay-nonce": undefined },
    { "wechatpay-signature": "" },
    { "wechatpay-serial": [serial, serial] },
    { "Wechatpay-Serial": serial },
  ]) {
    const call = world.pay.verifyCallback({ headers: { ...headers, ...change }, rawBody });
    await rejectsWith(call, MiniProgramErrors.CALLBACK_INCOMPLETE);
  }
});

test("timestamps that are no numbers are stale, whatever they are", async (t) => {
  const world = await startWorld(t);
  const { headers, rawBody } = await paid(world);
  for (const timestamp of ["NaN", "1e3", "-1", "0x1", " 1700000000", "9".repeat(400), "١٢٣"]) {
    const call = world.pay.verifyCallback({ headers: { ...headers, "wechatpay-timestamp": timestamp }, rawBody });
    await rejectsWith(call, MiniProgramErrors.CALLBACK_STALE);
  }
});

test("junk is refused before anything of it is parsed", async (t) => {
  const world = await startWorld(t);
  const { headers } = await paid(world);
  for (const body of ["", "{}", "[".repeat(50_000), '{"__proto__":{}}']) {
    const call = world.pay.verifyCallback({ headers, rawBody: Buffer.from(body) });
    await rejectsWith(call, MiniProgramErrors.CALLBACK_BAD_SIGNATURE);
  }
});

test("the refusals of forged callbacks are authentication errors", async (t) => {
  const world = await startWorld(t);
  const error = await world.pay.verifyCallback(await paid(world, { signature: "bad" })).catch((thrown) => thrown);
  assert.ok(error instanceof RpcError);
  assert.equal(error.code, Code.Unauthenticated);
});
