import assert from "node:assert/strict";
import { test } from "node:test";
import type { BillLine } from "@sampan/miniprogram";
import fc from "fast-check";
import { openLedgerDesk } from "./ledger-desk.fixture.js";

type Plant = "none" | "gone" | "amount" | "twice" | "number" | "order" | "state";

/** What is done to a line of the bill, and what must be found of that. */
function played(line: BillLine, plant: Plant): { readonly lines: BillLine[]; readonly found: string } {
  const reference = line.kind === "payment" ? line.outTradeNo : line.outRefundNo;
  const found = (kind: string): string => `${kind} ${line.kind} ${reference}`;
  switch (plant) {
    case "none":
      return { lines: [line], found: "" };
    case "gone":
      return { lines: [], found: found("MISSING_THERE") };
    case "amount":
      return { lines: [{ ...line, amount: line.amount + 1n }], found: found("AMOUNT_DIFFERS") };
    case "twice":
      return { lines: [line, line], found: found("DUPLICATE") };
    case "number":
      return { lines: [{ ...line, transactionId: "1" }], found: found("REFERENCE_DIFFERS") };
    case "order":
      // Of a payment the order is its reference, so that another one is another payment.
      if (line.kind === "payment") return { lines: [line], found: "" };
      return { lines: [{ ...line, outTradeNo: "elsewhere" }], found: found("REFERENCE_DIFFERS") };
    case "state":
      if (line.kind === "payment" || line.state !== "succeeded") return { lines: [line], found: "" };
      return { lines: [{ ...line, state: "closed" }], found: found("STATE_DIFFERS") };
  }
}

const order = fc.record({
  paid: fc.boolean(),
  refunds: fc.array(fc.constantFrom("succeeded", "processing", "abnormal", "closed"), { maxLength: 3 }),
});
const plants = fc.array(fc.constantFrom<Plant>("none", "gone", "amount", "twice", "number", "order", "state"), {
  minLength: 12,
  maxLength: 12,
});
const foreign = fc.array(fc.constantFrom("payment", "refund"), { maxLength: 3 });
const days = fc.record({ orders: fc.array(order, { maxLength: 6 }), plants, foreign, wallet: fc.boolean() });

test("of a day with any differences planted exactly these are found, in whatever order the bill has its lines", async () => {
  await fc.assert(
    fc.asyncProperty(days, fc.infiniteStream(fc.nat(1000)), async ({ orders, plants, foreign, wallet }, shuffle) => {
      let desk = await openLedgerDesk();
      try {
        const { platform } = desk;
        for (const [index, { paid, refunds }] of orders.entries()) {
          const orderId = `o-${index}`;
          platform.refundState = "processing";
          if (!paid) {
            await desk.payOrder(orderId);
            continue;
          }
          await desk.paid(orderId);
          for (const [no, state] of refunds.entries()) {
            const refundId = `${orderId}-${no}`;
            await desk.refund(orderId, refundId, 50n).catch(() => {});
            if (state !== "processing") await desk.callback(platform.settleRefund(refundId, state));
          }
        }
        await desk.topUp("ann", 5n);
        if (wallet) await desk.meddle("update wallet set balance = 4");
        const expected = wallet ? ["WALLET_DIFFERS wallet ann"] : [];
        const tampered = (lines: BillLine[]): BillLine[] => {
          const all = lines.flatMap((line, index) => {
            const { lines: made, found } = played(line, plants[index] ?? "none");
            if (found !== "") expected.push(found);
            return made;
          });
          for (const [index, kind] of foreign.entries()) {
            const reference = `foreign-${index}`;
            all.push(stranger(kind, reference));
            expected.push(`MISSING_HERE ${kind} ${reference}`);
          }
          const keys = new Map(all.map((line) => [line, shuffle.next().value ?? 0]));
          return all.sort((a, b) => (keys.get(a) ?? 0) - (keys.get(b) ?? 0));
        };
        const day = desk.today();
        desk = await desk.tomorrow();
        platform.tampering.push(tampered);
        const first = await desk.reconcile(day);
        assert.deepEqual(first.differences, expected.splice(0).sort());
        if (wallet) expected.push("WALLET_DIFFERS wallet ann");
        const again = await desk.reconcile(day);
        assert.deepEqual(again.differences, first.differences);
      } finally {
        await desk.close();
      }
    }),
    { numRuns: 25 },
  );
});

function stranger(kind: string, reference: string): BillLine {
  const common = { transactionId: "9", payerOpenid: "o", at: 0, amount: 7n, currency: "CNY", feeThousandths: 0n };
  if (kind === "payment") return { kind, outTradeNo: reference, ...common };
  return { kind: "refund", outTradeNo: "o-0", outRefundNo: reference, refundId: "8", state: "succeeded", ...common };
}
