import type { Clock } from "@sampan/core";
import type { Kysely, Transaction } from "kysely";
import type { NotedIrregularity, PaymentChange } from "../payment-store.js";
import type { PaymentTables } from "../schema.js";

export function irregularityRows(tx: Transaction<PaymentTables>, clock: Clock): Pick<PaymentChange, "note"> {
  return {
    async note({ id, reason, orderId, detail }) {
      const now = BigInt(clock.now());
      await tx
        .insertInto("irregularity")
        .values({
          irregularity_id: id.slice(0, 300),
          reason,
          order_id: orderId.slice(0, 64),
          detail: detail.slice(0, 500),
          first_at: now,
          last_at: now,
          times: 1n,
        })
        .onConflict((conflict) =>
          conflict.column("irregularity_id").doUpdateSet((row) => ({
            last_at: now,
            times: row("irregularity.times", "+", 1n),
          })),
        )
        .execute();
    },
  };
}

export async function listIrregularities(
  db: Kysely<PaymentTables>,
  limit: number,
  after: string | undefined,
): Promise<NotedIrregularity[]> {
  const query = db.selectFrom("irregularity").selectAll().orderBy("irregularity_id").limit(limit);
  const rows = await (after === undefined ? query : query.where("irregularity_id", ">", after)).execute();
  return rows.map((row) => ({
    id: row.irregularity_id,
    reason: row.reason,
    orderId: row.order_id,
    detail: row.detail,
    firstAt: Number(row.first_at),
    lastAt: Number(row.last_at),
    times: row.times,
  }));
}
