import type { Kysely, Transaction } from "kysely";
import type { Inquiry } from "../domain/inquiry.js";
import type { PaymentChange, Waiting } from "../payment-store.js";
import type { PaymentTables } from "../schema.js";

export function inquiryRows(tx: Transaction<PaymentTables>): Pick<PaymentChange, "inquire" | "answered" | "takeDue"> {
  return {
    async inquire({ kind, reference, since, askAt, asks, tenant }) {
      await tx
        .insertInto("inquiry")
        .values({
          kind,
          reference,
          since_at: BigInt(since),
          ask_at: BigInt(askAt),
          asks: BigInt(asks),
          tenant,
        })
        .onConflict((conflict) => conflict.doNothing())
        .execute();
    },
    async answered(kind, reference) {
      await tx.deleteFrom("inquiry").where("kind", "=", kind).where("reference", "=", reference).execute();
    },
    async takeDue(now, limit, next) {
      const rows = await tx
        .selectFrom("inquiry")
        .selectAll()
        .where("ask_at", "<=", BigInt(now))
        .orderBy("ask_at")
        .limit(limit)
        .execute();
      const taken = rows.map(toInquiry);
      for (const inquiry of taken) {
        await tx
          .updateTable("inquiry")
          .set({ ask_at: BigInt(await next(inquiry)), asks: BigInt(inquiry.asks + 1) })
          .where("kind", "=", inquiry.kind)
          .where("reference", "=", inquiry.reference)
          .execute();
      }
      return taken;
    },
  };
}

/** Counts for gauges. */
export async function waiting(db: Kysely<PaymentTables>): Promise<Waiting> {
  const payOrders = await db
    .selectFrom("inquiry")
    .select((row) => [row.fn.countAll<bigint>().as("count"), row.fn.min("since_at").as("oldest")])
    .where("kind", "=", "pay-order")
    .executeTakeFirst();
  const refunds = await db
    .selectFrom("refund")
    .select((row) => ["state", row.fn.countAll<bigint>().as("count")])
    .where("state", "in", ["asked", "processing", "abnormal"])
    .groupBy("state")
    .execute();
  const noted = await db
    .selectFrom("irregularity")
    .select((row) => row.fn.countAll<bigint>().as("count"))
    .executeTakeFirst();
  const count = Number(payOrders?.count ?? 0n);
  const sum = (states: readonly string[]): number =>
    refunds.reduce((total, row) => (states.includes(row.state) ? total + Number(row.count) : total), 0);
  return {
    payOrders: count,
    oldestPayOrder: count === 0 ? undefined : Number(payOrders?.oldest),
    refundsOpen: sum(["asked", "processing"]),
    refundsAbnormal: sum(["abnormal"]),
    irregularities: Number(noted?.count ?? 0n),
  };
}

function toInquiry(row: PaymentTables["inquiry"]): Inquiry {
  return {
    kind: row.kind,
    reference: row.reference,
    since: Number(row.since_at),
    askAt: Number(row.ask_at),
    asks: Number(row.asks),
    tenant: row.tenant,
  };
}
