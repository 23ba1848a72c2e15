import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Payment } from "./payment.js";
import { advanceRefund, checkRefund, planGiveBack, type Refund, type RefundState, sumOpen } from "./refund.js";

const money = (amount: bigint, currency = "CNY") => ({ amount, currency });

function payment(change: Partial<Payment> = {}): Payment {
  return {
    orderId: "o",
    userId: "u",
    kind: "pay-order",
    status: "voided",
    amount: money(300n),
    charged: 300n,
    refunded: 0n,
    createdAt: 1,
    prepayId: "wx",
    transactionId: "42",
    expiresAt: 900_001,
    billing: { from: 5, to: 5 },
    ...change,
  };
}

function refund(change: Partial<Refund> = {}): Refund {
  return {
    refundId: "r",
    orderId: "o",
    amount: money(100n),
    state: "asked",
    reason: "",
    createdAt: 1000,
    platformRefundId: "",
    billing: undefined,
    ...change,
  };
}

const reasonOf = (work: () => unknown): string => {
  try {
    work();
    return "";
  } catch (error) {
    return (error as { reason: string }).reason;
  }
};

const told = (state: Exclude<RefundState, "asked">, change: Partial<Refund> = {}) => {
  const { amount, orderId } = refund(change);
  return { state, amount, orderId, platformRefundId: "503" };
};

test("a refund fits when it is within what was paid, less what was given back and what is about to be", () => {
  const amounts = fc.bigInt({ min: 1n, max: 400n });
  const parts = fc.bigInt({ min: 0n, max: 300n });
  fc.assert(
    fc.property(amounts, parts, parts, (amount, refunded, pending) => {
      const others = [refund({ amount: money(pending), state: "processing" }), refund({ state: "closed" })];
      const reason = reasonOf(() => checkRefund(payment({ refunded }), money(amount), others));
      assert.equal(reason, amount + refunded + pending <= 300n ? "" : "REFUND_TOO_MUCH");
    }),
  );
  assert.equal(
    reasonOf(() => checkRefund(payment({ charged: 0n }), money(1n), [])),
    "NOT_PAID",
  );
  assert.equal(
    reasonOf(() => checkRefund(payment(), money(1n, "GBP"), [])),
    "REFUND_TOO_MUCH",
  );
});

test("an order has fifty refunds, however they ended", () => {
  const closed = (count: number) => Array.from({ length: count }, () => refund({ state: "closed" }));
  assert.equal(
    reasonOf(() => checkRefund(payment(), money(1n), closed(49))),
    "",
  );
  assert.equal(
    reasonOf(() => checkRefund(payment(), money(1n), closed(50))),
    "REFUND_TOO_MANY",
  );
});

test("a refund goes where the platform says, from any open state, and remembers when the platform first had it", () => {
  for (const from of ["asked", "processing", "abnormal"] as const) {
    for (const to of ["processing", "succeeded", "closed", "abnormal"] as const) {
      const next = advanceRefund(refund({ state: from }), told(to), 5000);
      if (from === to) assert.equal(next, undefined);
      else assert.deepEqual([next?.state, next?.platformRefundId], [to, "503"]);
    }
  }
  const taken = advanceRefund(refund(), told("processing"), 5000);
  assert.deepEqual(taken?.billing, { from: 1000 - 120_000, to: 5000 + 120_000 });
  assert.deepEqual(advanceRefund(taken as Refund, told("succeeded"), 9_999_999)?.billing, taken?.billing);
});

test("an end is an end: what was overtaken is not heard, what contradicts it is refused", () => {
  const say = (from: RefundState, to: Parameters<typeof told>[0]) =>
    reasonOf(() => assert.equal(advanceRefund(refund({ state: from }), told(to), 1), undefined));
  assert.equal(say("succeeded", "succeeded"), "");
  assert.equal(say("succeeded", "processing"), "");
  assert.equal(say("succeeded", "abnormal"), "");
  assert.equal(say("closed", "processing"), "");
  assert.equal(say("succeeded", "closed"), "REFUND_CONTRADICTED");
  assert.equal(say("closed", "succeeded"), "REFUND_CONTRADICTED");
  assert.equal(say("closed", "abnormal"), "REFUND_CONTRADICTED");
});

test("another amount, currency or order is refused", () => {
  const about = (change: Partial<Refund>) => reasonOf(() => advanceRefund(refund(), told("succeeded", change), 1));
  assert.equal(about({}), "");
  for (const change of [{ amount: money(99n) }, { amount: money(100n, "GBP") }, { orderId: "other" }]) {
    assert.equal(about(change), "AMOUNT_MISMATCH");
  }
});

test("what is left of a payment goes back by one refund at a time, the same for whoever asks, and a closed one is followed by another", () => {
  assert.deepEqual(planGiveBack(payment(), []), { refundId: "void-o", amount: money(300n) });
  const asked = refund({ refundId: "void-o", amount: money(300n) });
  assert.deepEqual(planGiveBack(payment(), [asked]), asked);
  assert.equal(planGiveBack(payment(), [{ ...asked, state: "processing" }]), undefined);
  assert.equal(planGiveBack(payment(), [{ ...asked, state: "abnormal" }]), undefined);
  assert.equal(planGiveBack(payment({ refunded: 300n }), [{ ...asked, state: "succeeded" }]), undefined);
  assert.equal(planGiveBack(payment({ charged: 0n }), []), undefined);
  const closed = [{ ...asked, state: "closed" as const }];
  assert.deepEqual(planGiveBack(payment(), closed), { refundId: "void-o-2", amount: money(300n) });
  // An order's own refund that is under way is not given back twice.
  assert.deepEqual(planGiveBack(payment(), [refund({ state: "processing" })])?.amount, money(200n));
});

test("after five refunds that the platform closed a person is needed", () => {
  const closed = (count: number) =>
    Array.from({ length: count }, (_, i) => refund({ refundId: `void-o-${i}`, state: "closed" }));
  assert.equal(planGiveBack(payment(), closed(4))?.refundId, "void-o-5");
  assert.equal(
    reasonOf(() => planGiveBack(payment(), closed(5))),
    "REFUND_TOO_MANY",
  );
});

test("open refunds add up", () => {
  const states: RefundState[] = ["asked", "processing", "abnormal", "succeeded", "closed"];
  assert.equal(sumOpen(states.map((state) => refund({ state }))), 300n);
});
