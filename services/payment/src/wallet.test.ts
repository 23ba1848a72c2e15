import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { PaymentStatus } from "@sampan/contracts/payment/v1/payment_pb.js";
import { money, openTill, refused, type Till } from "./till.fixture.js";

let till: Till;
before(async () => {
  till = await openTill();
});
after(() => till.close());

const charge = (orderId: string, userId: string, amount: bigint) =>
  till.call((payments) => payments.charge({ orderId, userId, amount: money(amount) }));
const voided = (orderId: string) => till.call((payments) => payments.voidPayment({ orderId, reason: "" }));

describe("a wallet", () => {
  test("is charged once for an order, however often that is asked", async () => {
    await till.topUp("ann", 500n);
    for (let i = 0; i < 3; i++) assert.equal((await charge("ann-1", "ann", 300n)).payment?.status, PaymentStatus.PAID);
    assert.equal(await till.balance("ann"), 200n);
  });

  test("is not charged another amount, or another wallet, for the same order", async () => {
    await till.topUp("ben", 500n);
    await charge("ben-1", "ben", 300n);
    await assert.rejects(charge("ben-1", "ben", 301n), refused("PAYMENT_CHANGED"));
    await assert.rejects(charge("ben-1", "ann", 300n), refused("PAYMENT_CHANGED"));
    assert.equal(await till.balance("ben"), 200n);
  });

  test("gives its last fen, and no more: then nothing is booked", async () => {
    await till.topUp("cat", 300n);
    await assert.rejects(charge("cat-1", "cat", 301n), refused("INSUFFICIENT_BALANCE"));
    await assert.rejects(charge("cat-1", "nobody", 1n), refused("INSUFFICIENT_BALANCE"));
    await assert.rejects(till.booked("cat-1"), refused("UNKNOWN_PAYMENT"));
    await charge("cat-1", "cat", 300n);
    assert.equal(await till.balance("cat"), 0n);
  });

  test("that twenty orders charge at once pays for as many as it can, and never goes below zero", async () => {
    await till.topUp("dan", 1000n);
    const outcomes = await Promise.allSettled(
      Array.from({ length: 20 }, (_, index) => charge(`dan-${index}`, "dan", 90n)),
    );
    assert.equal(outcomes.filter(({ status }) => status === "fulfilled").length, 11);
    assert.equal(await till.balance("dan"), 10n);
  });

  test("is topped up once for a key, and only with something", async () => {
    const topUp = (amount: bigint) =>
      till.call((payments) => payments.topUpWallet({ userId: "eve", amount: money(amount), idempotencyKey: "gift" }));
    await topUp(100n);
    await topUp(100n);
    await assert.rejects(topUp(101n), refused("IDEMPOTENCY_KEY_REUSED"));
    for (const amount of [0n, -1n]) await assert.rejects(topUp(amount), refused("AMOUNT_NOT_POSITIVE"));
    await assert.rejects(charge("eve-1", "eve", 0n), refused("AMOUNT_NOT_POSITIVE"));
    assert.equal(await till.balance("eve"), 100n);
  });
});

describe("voiding a charge", () => {
  test("gives it back, once", async () => {
    await till.topUp("fay", 300n);
    await charge("fay-1", "fay", 300n);
    for (let i = 0; i < 3; i++) assert.equal((await voided("fay-1")).payment?.status, PaymentStatus.VOIDED);
    assert.equal(await till.balance("fay"), 300n);
    assert.deepEqual(await till.booked("fay-1"), [300n, 300n]);
  });

  test("before it came refuses it when it comes", async () => {
    await till.topUp("gus", 300n);
    assert.equal((await voided("gus-1")).payment, undefined);
    await assert.rejects(charge("gus-1", "gus", 300n), refused("PAYMENT_VOIDED"));
    assert.equal(await till.balance("gus"), 300n);
  });

  test("at the same moment leaves nothing taken, whichever was first", async () => {
    await till.topUp("hal", 3000n);
    for (let i = 0; i < 30; i++) {
      const orderId = `hal-${i}`;
      const ask = [() => charge(orderId, "hal", 100n), () => voided(orderId)];
      // Each of them is first at times.
      if (i % 2 === 1) ask.reverse();
      await Promise.allSettled([...ask, ...ask].map((each) => each()));
      await voided(orderId);
    }
    assert.equal(await till.balance("hal"), 3000n);
  });

  test("and everything before it agrees with the ledger", async () => {
    const sums = await till.sums();
    assert.ok(sums !== undefined);
    assert.equal(sums.walletBalances, sums.toppedUp - sums.charged + sums.refunded);
  });
});
