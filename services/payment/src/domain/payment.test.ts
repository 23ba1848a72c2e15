import assert from "node:assert/strict";
import { test } from "node:test";
import type { Money } from "@sampan/core";
import fc from "fast-check";
import { acceptPaid, type Payment, type PaymentStatus, positive, sameRequest, tombstone } from "./payment.js";

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
    expiresAt: 900_001,
    billing: undefined,
    ...change,
  };
}

const money = (amount: bigint, currency = "CNY") => ({ amount, currency });
const accept = (of: Payment, paid: Money, paidAt?: number) =>
  acceptPaid(of, { money: paid, transactionId: "42", paidAt }, 7);
const reasonOf = (work: () => unknown): string => {
  try {
    work();
    return "";
  } catch (error) {
    return (error as { reason: string }).reason;
  }
};

test("a payment that is waited for is accepted, with what was paid and the platform's number", () => {
  const billing = { from: 5, to: 5 };
  assert.deepEqual(accept(payment(), money(300n), 5), {
    payment: payment({ status: "paid", charged: 300n, transactionId: "42", billing }),
    giveBack: false,
  });
});

test("when the platform does not say when it was paid, that was between its creation and now, give or take two minutes", () => {
  assert.deepEqual(accept(payment(), money(300n))?.payment.billing, { from: 1 - 120_000, to: 7 + 120_000 });
});

test("a payment for an order that is gone is booked too, and must go back", () => {
  const accepted = accept(payment({ status: "voided" }), money(300n));
  assert.deepEqual([accepted?.giveBack, accepted?.payment.status, accepted?.payment.charged], [true, "voided", 300n]);
});

test("a second payment changes nothing, whatever it says", () => {
  for (const status of ["paid", "voided"] as const) {
    const booked = payment({ status, charged: 300n });
    for (const amount of [300n, 1n]) assert.equal(accept(booked, money(amount)), undefined);
  }
});

test("only exactly the amount, in its currency, is accepted", () => {
  fc.assert(
    fc.property(fc.bigInt({ min: -1000n, max: 1000n }), fc.constantFrom("CNY", "GBP"), (amount, currency) => {
      const right = amount === 300n && currency === "CNY";
      const reason = reasonOf(() => accept(payment(), money(amount, currency)));
      assert.equal(reason, right ? "" : "AMOUNT_MISMATCH");
    }),
  );
});

test("nothing fits the mark that an early void leaves", () => {
  assert.equal(
    reasonOf(() => accept(tombstone("o", 1), money(300n))),
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

test("an amount is at least one smallest unit", () => {
  assert.equal(positive(money(1n)).amount, 1n);
  for (const amount of [0n, -1n])
    assert.equal(
      reasonOf(() => positive(money(amount))),
      "AMOUNT_NOT_POSITIVE",
    );
});
