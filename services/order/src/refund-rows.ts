import type { Kysely, Transaction } from "kysely";
import type { Refund } from "./domain/refund.js";
import { grouped } from "./grouped.js";
import type { OrderTables } from "./schema.js";

export async function insertRefund(tx: Transaction<OrderTables>, refund: Refund): Promise<void> {
  await tx
    .insertInto("refund")
    .values({
      refund_id: refund.refundId,
      order_id: refund.orderId,
      amount: refund.amount.amount,
      currency: refund.amount.currency,
      status: refund.status,
      reason: refund.reason,
      created_at: BigInt(refund.createdAt),
    })
    .execute();
  for (let start = 0; start < refund.lines.length; start += 200) {
    const rows = refund.lines.slice(start, start + 200).map(({ lineNo, productId, quantity }) => ({
      refund_id: refund.refundId,
      line_no: BigInt(lineNo),
      product_id: productId,
      quantity,
    }));
    await tx.insertInto("refund_line").values(rows).execute();
  }
}

/** By refund id or by order id; oldest first. */
export async function findRefunds(
  db: Kysely<OrderTables>,
  column: "refund_id" | "order_id",
  ids: readonly string[],
): Promise<Refund[]> {
  if (ids.length === 0) return [];
  const refunds = await db.selectFrom("refund").selectAll().where(column, "in", ids).orderBy("refund_id").execute();
  if (refunds.length === 0) return [];
  const lines = await db
    .selectFrom("refund_line")
    .selectAll()
    .where(
      "refund_id",
      "in",
      refunds.map((refund) => refund.refund_id),
    )
    .orderBy("refund_id")
    .orderBy("line_no")
    .execute();
  const linesOf = grouped(lines, (line) => line.refund_id);
  return refunds.map((row) => ({
    refundId: row.refund_id,
    orderId: row.order_id,
    amount: { amount: row.amount, currency: row.currency },
    status: row.status,
    reason: row.reason,
    createdAt: Number(row.created_at),
    lines: (linesOf.get(row.refund_id) ?? []).map((line) => ({
      lineNo: Number(line.line_no),
      productId: line.product_id,
      quantity: line.quantity,
    })),
  }));
}
