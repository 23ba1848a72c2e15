import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { RefundState } from "@sampan/contracts/payment/v1/refund_pb.js";
import { MiniProgramErrors } from "@sampan/miniprogram";
import { money, openTill, refused, type Till, unavailable } from "./till.fixture.js";

let till: Till;
before(async () => {
  till = await openTill();
});
after(() => till.close());

/** A pay order of 300 that was paid. */
async function paid(orderId: string): Promise<string> {
  till.platform.failures.clear();
  till.platform.refundState = "succeeded";
  await till.payOrder(orderId);
  await till.callback(till.platform.pay(orderId));
  return orderId;
}

const refund = (orderId: string, refundId: string, amount: bigint, reason = "") =>
  till.call((payments) => payments.refund({ refundId, orderId, amount: money(amount), reason }));
const given = (orderId: string): bigint => till.platform.trades.get(orderId)?.refunded ?? 0n;

test("a refund id gives back once, however often it is asked for", async () => {
  await paid("once");
  for (let i = 0; i < 3; i++) await refund("once", "once-r", 100n);
  await Promise.all(Array.from({ length: 5 }, () => refund("once", "once-r", 100n)));
  assert.deepEqual(await till.booked("once"), [300n, 100n]);
  assert.equal(given("once"), 100n);
  await assert.rejects(refund("once", "once-r", 101n), refused("REFUND_CHANGED"));
});

test("parts add up to what was paid and never to more, also when they are asked for at once", async () => {
  await paid("parts");
  const outcomes = await Promise.allSettled(Array.from({ length: 6 }, (_, i) => refund("parts", `parts-${i}`, 120n)));
  assert.equal(outcomes.filter(({ status }) => status === "fulfilled").length, 2);
  assert.deepEqual(await till.booked("parts"), [300n, 240n]);
  await assert.rejects(refund("parts", "parts-61", 61n), refused("REFUND_TOO_MUCH"));
  await refund("parts", "parts-60", 60n);
  assert.equal(given("parts"), 300n);
});

test("what was not paid, or in another currency, cannot be refunded", async () => {
  await till.payOrder("unpaid");
  await assert.rejects(refund("unpaid", "unpaid-r", 1n), refused("NOT_PAID"));
  await assert.rejects(refund("nothing", "nothing-r", 1n), refused("UNKNOWN_PAYMENT"));
  await paid("pounds");
  const pounds = { refundId: "pounds-r", orderId: "pounds", amount: { amount: 1n, currency: "GBP" } };
  await assert.rejects(
    till.call((payments) => payments.refund(pounds)),
    refused("REFUND_TOO_MUCH"),
  );
  await assert.rejects(refund("pounds", "pounds-r", 0n), refused("AMOUNT_NOT_POSITIVE"));
});

test("a refund that the platform works on counts against others, and is booked when the platform is asked again", async () => {
  await paid("slow");
  till.platform.refundState = "processing";
  await assert.rejects(refund("slow", "slow-r", 200n), refused("REFUND_PROCESSING"));
  await assert.rejects(refund("slow", "slow-r", 200n), refused("REFUND_PROCESSING"));
  assert.deepEqual(await till.booked("slow"), [300n, 0n]);
  await assert.rejects(refund("slow", "slow-other", 200n), refused("REFUND_TOO_MUCH"));
  till.platform.settleRefund("slow-r", "succeeded");
  await till.wait("the booking", async () => (await till.booked("slow"))[1] === 200n);
  await refund("slow", "slow-r", 200n);
  assert.equal(till.platform.calls.filter((call) => call === "refund").length >= 1, true);
  assert.equal(given("slow"), 200n);
});

test("a callback ends a refund at once, and its second delivery does nothing", async () => {
  await paid("told");
  till.platform.refundState = "processing";
  await assert.rejects(refund("told", "told-r", 200n), refused("REFUND_PROCESSING"));
  const notification = till.platform.settleRefund("told-r", "succeeded");
  for (let i = 0; i < 2; i++) await till.callback(notification);
  await till.callback({ ...notification, notificationId: "another" });
  assert.deepEqual(await till.booked("told"), [300n, 200n]);
  await refund("told", "told-r", 200n);
});

test("a refund that the platform closes frees its money, is final, and another one takes its place", async () => {
  await paid("shut");
  till.platform.refundState = "processing";
  await assert.rejects(refund("shut", "shut-1", 300n), refused("REFUND_PROCESSING"));
  await till.callback(till.platform.settleRefund("shut-1", "closed"));
  await assert.rejects(refund("shut", "shut-1", 300n), refused("REFUND_CLOSED"));
  till.platform.refundState = "succeeded";
  await refund("shut", "shut-2", 300n);
  assert.deepEqual(await till.booked("shut"), [300n, 300n]);
  // What contradicts an end is noted, and changes nothing.
  const late = till.platform.settleRefund("shut-1", "succeeded");
  await assert.rejects(till.callback(late), refused("REFUND_CONTRADICTED"));
  assert.deepEqual(await till.booked("shut"), [300n, 300n]);
  assert.ok((await till.irregularities()).includes("REFUND_CONTRADICTED shut"));
});

test("a callback about a refund that is not known, or of another amount, books nothing and is noted", async () => {
  await paid("odd");
  till.platform.refundState = "processing";
  await assert.rejects(refund("odd", "odd-r", 200n), refused("REFUND_PROCESSING"));
  const notification = till.platform.settleRefund("odd-r", "succeeded");
  await assert.rejects(till.callback({ ...notification, outRefundNo: "made-up" }), refused("UNKNOWN_REFUND"));
  await assert.rejects(till.callback({ ...notification, amount: 199n }), refused("AMOUNT_MISMATCH"));
  assert.deepEqual(await till.booked("odd"), [300n, 0n]);
  await till.callback(notification);
  assert.deepEqual(await till.booked("odd"), [300n, 200n]);
  const noted = await till.irregularities();
  assert.ok(noted.includes("UNKNOWN_REFUND odd") && noted.includes("AMOUNT_MISMATCH odd"), noted.join());
});

test("fifty refunds of an order are made, and the fifty-first is refused before the platform hears of it", async () => {
  await paid("many");
  for (let i = 0; i < 50; i++) await refund("many", `many-${i}`, 1n);
  const before = till.platform.calls.length;
  await assert.rejects(refund("many", "many-50", 1n), refused("REFUND_TOO_MANY"));
  assert.equal(till.platform.calls.length, before);
  assert.deepEqual(await till.booked("many"), [300n, 50n]);
});

test("a refund whose answer was lost is booked once when it is asked for again", async () => {
  await paid("lost");
  till.platform.fail("refund", MiniProgramErrors.PLATFORM_NO_ANSWER(), { after: true });
  await assert.rejects(refund("lost", "lost-r", 300n), unavailable);
  assert.equal(given("lost"), 300n);
  assert.deepEqual(await till.booked("lost"), [300n, 0n]);
  await refund("lost", "lost-r", 300n);
  assert.deepEqual(await till.booked("lost"), [300n, 300n]);
  assert.equal(given("lost"), 300n);
});

test("a refund that the platform refuses does not stand in the way of the next one", async () => {
  await paid("refused");
  till.platform.fail("refund", MiniProgramErrors.REFUND_REJECTED({ platform_code: "NOT_ENOUGH" }));
  await assert.rejects(refund("refused", "refused-1", 300n), refused("REFUND_REJECTED"));
  await refund("refused", "refused-2", 300n);
  assert.deepEqual(await till.booked("refused"), [300n, 300n]);
});

test("one that the platform could not carry out is shown to operators, counts, and is noticed when a person settled it", async () => {
  await paid("abnormal");
  till.platform.refundState = "abnormal";
  till.alarms.length = 0;
  await assert.rejects(refund("abnormal", "abnormal-1", 300n), refused("REFUND_ABNORMAL"));
  await assert.rejects(refund("abnormal", "abnormal-2", 1n), refused("REFUND_TOO_MUCH"));
  const open = await till.call((payments) => payments.listRefunds({ openOnly: true }));
  const shown = open.refunds.map(({ refundId, state }) => [refundId, state] as const);
  assert.deepEqual(shown, [["abnormal-1", RefundState.ABNORMAL]]);
  await till.wait("the alarm", () => till.alarms.some((alarm) => /by hand on the merchant platform/.test(alarm)));
  await till.wait("the gauge", () => till.metric("payment_refunds_abnormal") === 1);
  till.platform.settleRefund("abnormal-1", "succeeded");
  await till.wait("the booking", async () => (await till.booked("abnormal"))[1] === 300n, 60_000);
  await refund("abnormal", "abnormal-1", 300n);
  await till.wait("the gauge", () => till.metric("payment_refunds_abnormal") === 0);
});

test("a reason longer than platforms show is cut at a character, and does not stop the refund", async () => {
  await paid("reason");
  await refund("reason", "reason-r", 100n, "不想要了".repeat(20));
  const shown = till.platform.refunds.get("reason-r")?.order.reason ?? "";
  assert.equal(shown, "不想要了".repeat(20).slice(0, 26));
  assert.ok(Buffer.byteLength(shown) <= 80);
});
