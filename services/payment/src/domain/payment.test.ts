import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  acceptPaid,
  checkRefund,
  type Payment,
  type PaymentStatus,
  positive,
  sameRequest,
  tombstone,
} from "./payment.js";

function payment(change: Partial<Payment> = {}): Payment {
  return {
    orderId: "o",
    userId: "u",
    kind: "pay-order",
    status: "awaiting",
    amount: { amount: 300n, currency: "CNY" },
    charged: 0n,
    refunded: 0n,
    createdAt: 1,
    prepayId: "wx",
    transactionId: "",
    ...change,
  };
}

const money = (amount: bigint, currency = "CNY") => ({ amount, currency });
const reasonOf = (work: () => unknown): string => {
  try {
    work();
    return "";
  } catch (error) {
    return (error as { reason: string }).reason;
  }
};

test("a payment that is waited for is accepted, with what was paid and the platform's number", () => {
  assert.deepEqual(acceptPaid(payment(), money(300n), "42"), {
    payment: payment({ status: "paid", charged: 300n, transactionId: "42" }),
    giveBack: false,
  });
});

test("a payment for an order that is gone is booked too, and must go back", () => {
  const accepted = acceptPaid(payment({ status: "voided" }), money(300n), "42");
  assert.deepEqual([accepted?.giveBack, accepted?.payment.status, accepted?.payment.charged], [true, "voided", 300n]);
});

test("a second payment changes nothing, whatever it says", () => {
  for (const status of ["paid", "voided"] as const) {
    const booked = payment({ status, charged: 300n });
    for (const amount of [300n, 1n]) assert.equal(acceptPaid(booked, money(amount), "43"), undefined);
  }
});

test("only exactly the amount, in its currency, is accepted", () => {
  fc.assert(
    fc.property(fc.bigInt({ min: -1000n, max: 1000n }), fc.constantFrom("CNY", "GBP"), (amount, currency) => {
      const right = amount === 300n && currency === "CNY";
      const reason = reasonOf(() => acceptPaid(payment(), money(amount, currency), "42"));
      assert.equal(reason, right ? "" : "AMOUNT_MISMATCH");
    }),
  );
});

test("nothing fits the mark that an early void leaves", () => {
  assert.equal(
    reasonOf(() => acceptPaid(tombstone("o", 1), money(300n), "42")),
    "AMOUNT_MISMATCH",
  );
  assert.equal(
    reasonOf(() => sameRequest(tombstone("o", 1), "u", "wallet", money(300n))),
    "PAYMENT_VOIDED",
  );
});

test("a request may be repeated as it was, until the payment is voided", () => {
  const same = (existing: Payment) => reasonOf(() => sameRequest(existing, "u", "pay-order", money(300n)));
  const by = (status: PaymentStatus) => same(payment({ status }));
  assert.deepEqual([by("awaiting"), by("paid"), by("voided")], ["", "", "PAYMENT_VOIDED"]);
  for (const other of [
    payment({ userId: "x" }),
    payment({ kind: "wallet" }),
    payment({ amount: money(301n) }),
    payment({ amount: money(300n, "GBP") }),
  ]) {
    assert.equal(same(other), "PAYMENT_CHANGED");
  }
});

test("a refund fits when it is within what was paid, less what was given back and what is about to be", () => {
  const amounts = fc.bigInt({ min: 1n, max: 400n });
  const parts = fc.bigInt({ min: 0n, max: 300n });
  fc.assert(
    fc.property(amounts, parts, parts, (amount, refunded, pending) => {
      const reason = reasonOf(() => checkRefund(payment({ charged: 300n, refunded }), money(amount), pending));
      assert.equal(reason, amount + refunded + pending <= 300n ? "" : "REFUND_TOO_MUCH");
    }),
  );
  assert.equal(
    reasonOf(() => checkRefund(payment(), money(1n), 0n)),
    "NOT_PAID",
  );
  assert.equal(
    reasonOf(() => checkRefund(payment({ charged: 300n }), money(1n, "GBP"), 0n)),
    "REFUND_TOO_MUCH",
  );
});

test("an amount is at least one smallest unit", () => {
  assert.equal(positive(money(1n)).amount, 1n);
  for (const amount of [0n, -1n])
    assert.equal(
      reasonOf(() => positive(money(amount))),
      "AMOUNT_NOT_POSITIVE",
    );
});
