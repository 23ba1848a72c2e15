import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { faultsIn } from "./audit.fixture.js";
import type { Books, OrderRow, PaymentRow } from "./books.fixture.js";

const now = 1_700_000_000_000;

function order(id: string, status: string, method: string, total: bigint, refunded = 0n): OrderRow {
  const expires_at = BigInt(now) - 1n;
  return { order_id: id, user_id: "u", status, payment_method: method, total, refunded, expires_at };
}

function payment(id: string, kind: string, status: string, charged: bigint, refunded = 0n): PaymentRow {
  return { order_id: id, user_id: "u", kind, status, charged, refunded };
}

const entry = (kind: string, reference: string, order_id: string, amount: bigint) => ({
  kind,
  reference,
  order_id,
  user_id: "u",
  amount,
});
const notice = (event: string, template: string, status = "sent") => ({
  notice_id: event,
  order_id: event.split("/")[0] as string,
  template,
  status,
});

/** A wallet order of which a piece was refunded, a pay order that was paid, one that was cancelled after it was paid. */
const healthy: Books = {
  stocked: new Map([["tea", 10n]]),
  stock: [{ product_id: "tea", available: 7n, reserved: 0n, sold: 3n }],
  orders: [
    order("w", "confirmed", "wallet", 20n, 10n),
    order("p", "confirmed", "pay-order", 20n),
    order("c", "cancelled", "pay-order", 10n),
  ],
  lines: [
    { order_id: "w", product_id: "tea", quantity: 2n, refunded_quantity: 1n },
    { order_id: "p", product_id: "tea", quantity: 2n, refunded_quantity: 0n },
    { order_id: "c", product_id: "tea", quantity: 1n, refunded_quantity: 0n },
  ],
  orderRefunds: [{ refund_id: "r", order_id: "w", amount: 10n, status: "done" }],
  payments: [
    payment("w", "wallet", "paid", 20n, 10n),
    payment("p", "pay-order", "paid", 20n),
    payment("c", "pay-order", "voided", 10n, 10n),
  ],
  paymentRefunds: [
    { refund_id: "r", order_id: "w", amount: 10n, done: 1n },
    { refund_id: "void-c", order_id: "c", amount: 10n, done: 1n },
  ],
  wallets: [{ user_id: "u", balance: 90n }],
  ledger: [
    entry("top-up", "u/1", "", 100n),
    entry("charge", "w", "w", 20n),
    entry("refund", "r", "w", 10n),
    entry("charge", "p", "p", 20n),
    entry("charge", "c", "c", 10n),
    entry("refund", "void-c", "c", 10n),
  ],
  notices: [
    notice("w/confirmed", "order_confirmed"),
    notice("w/refund/r", "order_refunded"),
    notice("p/confirmed", "order_confirmed", "unknown"),
    notice("c/cancelled", "order_cancelled", "refused"),
  ],
  sagas: [
    { id: "w", saga: "place-order", status: "completed" },
    { id: "c", saga: "place-order", status: "compensated" },
    { id: "r", saga: "refund-order", status: "completed" },
    { id: "give-back-c", saga: "give-back", status: "completed" },
  ],
  outbox: [],
  deliveries: [],
  outside: {
    trades: new Map([
      ["p", { paid: 20n, refunded: 0n }],
      ["c", { paid: 10n, refunded: 10n }],
    ]),
    messages: [
      { orderId: "w", template: "order_confirmed" },
      { orderId: "w", template: "order_refunded" },
    ],
  },
};

/** The rows with one of them changed. */
function changed<T extends object>(rows: readonly T[], index: number, change: Partial<T>): T[] {
  return rows.map((row, at) => (at === index ? { ...row, ...change } : row));
}

const trades = (id: string, paid: bigint, refunded: bigint): Books["outside"] => ({
  ...healthy.outside,
  trades: new Map([...healthy.outside.trades, [id, { paid, refunded }]]),
});
const messages = (...more: Books["outside"]["messages"]): Books["outside"] => ({
  ...healthy.outside,
  messages: [...healthy.outside.messages, ...more],
});

/** One violation of each rule, and what the audit says of it. */
const violations: readonly (readonly [string, Partial<Books>, RegExp])[] = [
  ["a piece vanished", { stock: changed(healthy.stock, 0, { available: 6n }) }, /6 \+ 0 \+ 3 pieces, 10 were stocked/],
  ["a piece appeared", { stock: changed(healthy.stock, 0, { sold: 4n }) }, /4 sold, the confirmed orders hold 3/],
  ["a count is negative", { stock: [{ product_id: "tea", available: 11n, reserved: -1n, sold: 0n }] }, /negative/],
  [
    "pieces stay reserved",
    { stock: changed(healthy.stock, 0, { available: 6n, reserved: 1n }) },
    /1 pieces are still reserved/,
  ],
  ["a product is gone", { stock: [] }, /stock of tea is gone/],
  ["an order hangs", { orders: changed(healthy.orders, 0, { status: "pending" }) }, /w is pending for ever/],
  [
    "an order waits too long",
    { orders: changed(healthy.orders, 2, { status: "awaiting-payment" }) },
    /c waits beyond its expiry/,
  ],
  [
    "an order has the wrong refund",
    { orders: changed(healthy.orders, 0, { refunded: 11n }) },
    /says 11 refunded, its refunds are 10/,
  ],
  [
    "an order is said to be refunded",
    { orders: changed(healthy.orders, 1, { status: "refunded" }) },
    /p is refunded, refunded 0/,
  ],
  ["an order lost its lines", { lines: healthy.lines.slice(0, 2) }, /c has no lines/],
  ["a refund hangs", { orderRefunds: changed(healthy.orderRefunds, 0, { status: "pending" }) }, /refund r is pending/],
  [
    "taken and not given back",
    { payments: changed(healthy.payments, 2, { refunded: 0n }) },
    /c: 10 taken, 0 given back/,
  ],
  ["charged twice", { payments: changed(healthy.payments, 1, { charged: 40n }) }, /40 taken for an order of 20/],
  ["given back twice", { payments: changed(healthy.payments, 2, { refunded: 20n }) }, /c: 10 taken, 20 given back/],
  [
    "taken for nothing",
    { orders: healthy.orders.slice(1), lines: healthy.lines.slice(1) },
    /an order that does not exist/,
  ],
  ["confirmed for free", { payments: healthy.payments.slice(1) }, /w was confirmed without a payment/],
  [
    "a refund is not in the books",
    { paymentRefunds: healthy.paymentRefunds.slice(0, 1) },
    /c: says 10 given back, its refunds are 0/,
  ],
  ["the platform took it twice", { outside: trades("p", 40n, 0n) }, /the platform moved 40\/0/],
  ["the platform never gave it back", { outside: trades("c", 10n, 0n) }, /the platform moved 10\/0/],
  ["the platform took it unasked", { outside: trades("x", 5n, 0n) }, /took 5 for x/],
  [
    "a charge is booked twice",
    { ledger: [...healthy.ledger, entry("charge", "w2", "w", 20n)] },
    /w was charged 2 times/,
  ],
  [
    "a charge is not booked",
    { ledger: healthy.ledger.filter(({ reference }) => reference !== "p") },
    /charge of p is 0, not 20/,
  ],
  [
    "a refund is not booked",
    { ledger: healthy.ledger.filter(({ reference }) => reference !== "void-c") },
    /refunds of c are 0/,
  ],
  ["a wallet holds too much", { wallets: [{ user_id: "u", balance: 91n }] }, /holds 91, the ledger says 90/],
  ["nobody was told", { notices: healthy.notices.slice(1) }, /w\/confirmed led to no notice/],
  [
    "told of what never was",
    { notices: [...healthy.notices, notice("p/expired", "order_expired")] },
    /about nothing that happened/,
  ],
  ["a notice hangs", { notices: changed(healthy.notices, 0, { status: "sending" }) }, /is still sending/],
  [
    "a message came twice",
    { outside: messages({ orderId: "w", template: "order_confirmed" }) },
    /2 messages arrived, 1 to 1/,
  ],
  [
    "a message came though refused",
    { outside: messages({ orderId: "c", template: "order_cancelled" }) },
    /1 messages arrived, 0 to 0/,
  ],
  ["a sent message never came", { outside: { ...healthy.outside, messages: [] } }, /0 messages arrived, 1 to 1/],
  ["a saga is stuck", { sagas: changed(healthy.sagas, 0, { status: "stuck" }) }, /place-order w is stuck/],
  ["a saga hangs", { sagas: changed(healthy.sagas, 1, { status: "compensating" }) }, /place-order c is compensating/],
  [
    "a give-back gave up",
    { sagas: changed(healthy.sagas, 3, { status: "compensated" }) },
    /give-back-c is compensated/,
  ],
  ["an event was not published", { outbox: [{ id: "w/confirmed" }] }, /event w\/confirmed was never published/],
  [
    "a message was given up",
    { deliveries: [{ message_key: "w", state: 3n, error: "no" }] },
    /about w was not consumed: state 3 no/,
  ],
];

describe("the audit of the crash tests", () => {
  test("finds nothing in books that are right", () => {
    assert.deepEqual(faultsIn(healthy, now), []);
  });

  for (const [name, violation, expected] of violations) {
    test(`sees when ${name}`, () => {
      const faults = faultsIn({ ...healthy, ...violation }, now);
      assert.ok(
        faults.some((fault) => expected.test(fault)),
        faults.join("\n") || "it found nothing",
      );
    });
  }

  test("lets an order wait for its payment until it expires", () => {
    const orders = changed(healthy.orders, 2, { status: "awaiting-payment", expires_at: BigInt(now) + 1n });
    const payments = changed(healthy.payments, 2, { charged: 0n, refunded: 0n, status: "awaiting" });
    const books = {
      ...healthy,
      orders,
      payments,
      paymentRefunds: healthy.paymentRefunds.slice(0, 1),
      ledger: healthy.ledger.slice(0, 4),
      notices: healthy.notices.slice(0, 3),
      sagas: [{ id: "c", saga: "place-order", status: "waiting" }],
      outside: trades("c", 0n, 0n),
    };
    assert.deepEqual(faultsIn(books, now), []);
  });
});
