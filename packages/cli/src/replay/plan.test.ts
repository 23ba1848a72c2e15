import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { type Cells, cells, messyFile, withFile } from "./messy-file.fixture.js";
import { type Plan, planReplay } from "./plan.js";
import { readLines } from "./read-lines.js";
import { sumsFromFile } from "./sums-from-file.js";

describe("the plan of a replay", () => {
  it("puts every line into an order or a refund, or rejects it with a reason", async () => {
    const { plan, lines } = await planned(messyFile);
    const reasons = new Map<string, string>(plan.rejected.map(({ line, reason }) => [line.invoice, reason]));
    assert.deepEqual(
      plan.orders.map(({ invoice, customer, total }) => [invoice, customer, total]),
      [
        ["536365", "customer-17850", 4074n],
        ["536366", "customer-17850", 295n],
        ["536367", "guest-536367", 1500n],
        ["536374", "customer-12583", 1800n],
      ],
    );
    assert.deepEqual(Object.fromEntries(reasons), {
      "536368": "quantity is not positive",
      "536369": "price is not positive",
      "536370": "price is not positive",
      "536371": "quantity is not a whole number",
      "536372": "price is not an amount of pounds and pence",
      "536373": "no stock code",
      C536381: "a cancellation of more than the customer's earlier orders in the file hold at this price",
      C536382: "a cancellation without a customer",
      C536383: "a cancellation of more than the customer's earlier orders in the file hold at this price",
      C536384: "a cancellation with a positive quantity",
    });
    assert.equal(lines, messyFile.length);
  });

  it("gives back pieces of earlier orders at the price that was paid", async () => {
    const { plan } = await planned(messyFile);
    assert.deepEqual(plan.refunds, [
      {
        cancellation: "C536380",
        invoice: "536365",
        lines: [{ productId: "P85123A-255", quantity: 7n }],
        amount: 1785n,
      },
    ]);
  });

  it("takes a cancellation from several orders, the latest first", async () => {
    const { plan } = await planned([
      cells("1", "A", "3", "1.00", "7"),
      cells("2", "A", "3", "1.00", "7"),
      cells("C3", "A", "-4", "1.00", "7"),
    ]);
    assert.deepEqual(
      plan.refunds.map(({ invoice, amount }) => [invoice, amount]),
      [
        ["2", 300n],
        ["1", 100n],
      ],
    );
  });

  it("makes a product of each code and price, with ids that the contract takes and titles that can be shown", async () => {
    const { plan } = await planned(messyFile);
    for (const { productId, title } of plan.products.values()) {
      assert.match(productId, /^[A-Za-z0-9][A-Za-z0-9._-]*$/);
      assert.doesNotMatch(title, /[\p{C}\uFFFD]/u);
      assert.notEqual(title, "");
    }
    assert.equal(plan.products.get("PBANK_20.CHARGES-1500")?.title, "damaged  text");
    assert.equal(plan.products.get("P85123A-255")?.stock, 8n);
  });

  it("agrees to the penny with the sums that other code computes from the file", async () => {
    const invoice = fc.integer({ min: 1, max: 9 });
    const line = fc
      .tuple(
        fc.constantFrom("", "", "C"),
        invoice,
        fc.constantFrom("A", "B", "B C", ""),
        fc.integer({ min: -9, max: 9 }),
        fc.constantFrom("1.00", "2.5", "0.07", "0", "-3.00"),
        fc.constantFrom("7", "8", ""),
      )
      .map(([c, number, code, quantity, price, customer]) =>
        cells(`${c}${100 + number}`, code, String(quantity), price, customer),
      );
    await fc.assert(
      fc.asyncProperty(fc.array(line, { minLength: 1, maxLength: 40 }), async (lines) => {
        // An invoice of the file has one customer.
        const customers = new Map(lines.map((each) => [each[0], each[6]]));
        const file = lines.map((each) => [...each.slice(0, 6), customers.get(each[0]), each[7]] as unknown as Cells);
        const { plan, sums } = await planned(file);
        assert.equal(
          plan.orders.reduce((sum, { total }) => sum + total, 0n),
          BigInt(sums.charged),
        );
        assert.equal(
          plan.refunds.reduce((sum, { amount }) => sum + amount, 0n),
          BigInt(sums.refunded),
        );
        assert.equal(plan.orders.length, sums.orders);
      }),
      { numRuns: 200 },
    );
  });
});

function planned(
  file: readonly Cells[],
): Promise<{ plan: Plan; sums: ReturnType<typeof sumsFromFile>; lines: number }> {
  return withFile(file, async (path) => {
    const lines = await readLines(path);
    return { plan: planReplay(lines), sums: sumsFromFile(path), lines: lines.length };
  });
}
