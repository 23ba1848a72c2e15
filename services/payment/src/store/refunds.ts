import type { Kysely, Transaction } from "kysely";
import { openStates, type Refund } from "../domain/refund.js";
import type { PaymentChange } from "../payment-store.js";
import type { PaymentTables } from "../schema.js";
import { fromBilling, toBilling } from "./billing.js";

type RefundChange = Pick<PaymentChange, "refund" | "refunds" | "insertRefund" | "updateRefund" | "dropRefund">;

export function refundRows(tx: Transaction<PaymentTables>): RefundChange {
  return {
    async refund(refundId) {
      const row = await tx.selectFrom("refund").selectAll().where("refund_id", "=", refundId).executeTakeFirst();
      return row === undefined ? undefined : toRefund(row);
    },
    async refunds(orderId) {
      const rows = await tx.selectFrom("refund").selectAll().where("order_id", "=", orderId).execute();
      return rows.map(toRefund);
    },
    async insertRefund(refund) {
      await tx
        .insertInto("refund")
        .values({ ...fromRefund(refund), billed_on: "" })
        .execute();
    },
    async updateRefund(refund) {
      await tx.updateTable("refund").set(fromRefund(refund)).where("refund_id", "=", refund.refundId).execute();
    },
    async dropRefund(refundId) {
      const { numDeletedRows } = await tx
        .deleteFrom("refund")
        .where("refund_id", "=", refundId)
        .where("state", "=", "asked")
        .executeTakeFirst();
      return numDeletedRows > 0n;
    },
  };
}

export async function listRefunds(
  db: Kysely<PaymentTables>,
  limit: number,
  after: string | undefined,
  openOnly: boolean,
): Promise<Refund[]> {
  let query = db.selectFrom("refund").selectAll().orderBy("refund_id").limit(limit);
  if (openOnly) query = query.where("state", "in", openStates);
  if (after !== undefined) query = query.where("refund_id", ">", after);
  return (await query.execute()).map(toRefund);
}

function toRefund(row: PaymentTables["refund"]): Refund {
  return {
    refundId: row.refund_id,
    orderId: row.order_id,
    amount: { amount: row.amount, currency: row.currency },
    state: row.state,
    reason: row.reason,
    createdAt: Number(row.created_at),
    platformRefundId: row.platform_refund_id,
    billing: toBilling(row),
  };
}

function fromRefund(refund: Refund): Omit<PaymentTables["refund"], "billed_on"> {
  return {
    refund_id: refund.refundId,
    order_id: refund.orderId,
    amount: refund.amount.amount,
    currency: refund.amount.currency,
    done: refund.state === "succeeded" ? 1n : 0n,
    state: refund.state,
    reason: refund.reason,
    created_at: BigInt(refund.createdAt),
    platform_refund_id: refund.platformRefundId,
    ...fromBilling(refund.billing),
  };
}
