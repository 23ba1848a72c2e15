import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Order, OrderLine } from "./order.js";
import { planRefund } from "./refund.js";

const products = ["a", "b", "c"] as const;

function order(
  lines: readonly (readonly [productId: string, quantity: bigint, price: bigint, refunded?: bigint])[],
  status: Order["status"] = "confirmed",
): Order {
  const orderLines = lines.map(
    ([productId, quantity, amount, refundedQuantity = 0n], lineNo): OrderLine => ({
      lineNo,
      productId,
      title: productId,
      quantity,
      unitPrice: { amount, currency: "CNY" },
      refundedQuantity,
    }),
  );
  const total = orderLines.reduce((sum, line) => sum + line.quantity * line.unitPrice.amount, 0n);
  return {
    orderId: "o",
    userId: "u",
    status,
    paymentMethod: "wallet",
    lines: orderLines,
    total: { amount: total, currency: "CNY" },
    refunded: 0n,
    createdAt: 0,
    expiresAt: 0,
    failureReason: "",
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

test("nothing in particular means everything that is left", () => {
  assert.deepEqual(
    planRefund(
      order([
        ["a", 2n, 10n],
        ["b", 3n, 7n, 3n],
        ["c", 2n, 5n, 1n],
      ]),
      [],
    ),
    {
      lines: [
        { lineNo: 0, productId: "a", quantity: 2n },
        { lineNo: 2, productId: "c", quantity: 1n },
      ],
      amount: { amount: 25n, currency: "CNY" },
    },
  );
});

test("a product on several lines is taken from the first that has pieces left, at the price of each", () => {
  const twice = order([
    ["a", 2n, 10n, 1n],
    ["b", 1n, 1n],
    ["a", 3n, 8n],
  ]);
  assert.deepEqual(planRefund(twice, [{ productId: "a", quantity: 3n }]), {
    lines: [
      { lineNo: 0, productId: "a", quantity: 1n },
      { lineNo: 2, productId: "a", quantity: 2n },
    ],
    amount: { amount: 26n, currency: "CNY" },
  });
});

test("a product that is asked for twice is asked for with the sum", () => {
  const twice = [
    { productId: "a", quantity: 2n },
    { productId: "a", quantity: 1n },
  ];
  assert.deepEqual(planRefund(order([["a", 3n, 10n]]), twice).lines, [{ lineNo: 0, productId: "a", quantity: 3n }]);
  assert.equal(
    reasonOf(() => planRefund(order([["a", 2n, 10n]]), twice)),
    "REFUND_TOO_MUCH",
  );
});

test("more than is left, what was never bought, an order that is not confirmed, or nothing at all is refused", () => {
  assert.equal(
    reasonOf(() => planRefund(order([["a", 2n, 10n, 1n]]), [{ productId: "a", quantity: 2n }])),
    "REFUND_TOO_MUCH",
  );
  assert.equal(
    reasonOf(() => planRefund(order([["a", 2n, 10n]]), [{ productId: "b", quantity: 1n }])),
    "REFUND_TOO_MUCH",
  );
  assert.equal(
    reasonOf(() => planRefund(order([["a", 2n, 10n, 2n]]), [])),
    "NOT_REFUNDABLE",
  );
  for (const status of ["pending", "awaiting-payment", "cancelled", "expired", "failed", "refunded"] as const) {
    assert.equal(
      reasonOf(() => planRefund(order([["a", 2n, 10n]], status), [])),
      "NOT_REFUNDABLE",
    );
  }
});

const bought = fc.array(
  fc.tuple(fc.constantFrom(...products), fc.bigInt({ min: 1n, max: 9n }), fc.bigInt({ min: 1n, max: 99n })),
  { minLength: 1, maxLength: 6 },
);
const asked = fc.array(
  fc.array(fc.record({ productId: fc.constantFrom(...products), quantity: fc.bigInt({ min: 1n, max: 5n }) }), {
    maxLength: 3,
  }),
  { maxLength: 8 },
);

test("refund after refund, no more is given back than was paid, and all of it adds up", () => {
  fc.assert(
    fc.property(bought, asked, (lines, refunds) => {
      let current = order(lines);
      const paid = current.total.amount;
      let given = 0n;
      for (const wanted of [...refunds, []]) {
        let plan: ReturnType<typeof planRefund>;
        try {
          plan = planRefund(current, wanted);
        } catch (error) {
          assert.match((error as { reason: string }).reason, /REFUND_TOO_MUCH|NOT_REFUNDABLE/);
          continue;
        }
        given += plan.amount.amount;
        const pieces = plan.lines.reduce((sum, line) => sum + line.quantity, 0n);
        if (wanted.length > 0)
          assert.equal(
            pieces,
            wanted.reduce((sum, line) => sum + line.quantity, 0n),
          );
        current = {
          ...current,
          lines: current.lines.map((line) => {
            const taken = plan.lines.find(({ lineNo }) => lineNo === line.lineNo)?.quantity ?? 0n;
            const refundedQuantity = line.refundedQuantity + taken;
            assert.ok(refundedQuantity <= line.quantity, "more pieces than were bought");
            return { ...line, refundedQuantity };
          }),
        };
        assert.ok(given <= paid, "more money than was paid");
      }
      // The last refund asked for everything that was left.
      assert.equal(given, paid);
    }),
  );
});
