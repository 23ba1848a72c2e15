import type { Kysely, Transaction } from "kysely";
import type { Difference } from "../domain/difference.js";
import type { TakenDay } from "../reconciliation-store.js";
import type { PaymentTables } from "../schema.js";

export async function insertDifferences(
  tx: Transaction<PaymentTables>,
  { day, run }: TakenDay,
  differences: readonly Difference[],
  firstNo: number,
): Promise<void> {
  const rows = differences.map((difference, index) => toRow(difference, day, run, BigInt(firstNo + index)));
  await tx.insertInto("difference").values(rows).execute();
}

export async function listDifferences(
  db: Kysely<PaymentTables>,
  day: string,
  run: bigint,
  limit: number,
  after: string | undefined,
): Promise<{ readonly no: string; readonly difference: Difference }[]> {
  const rows = await db
    .selectFrom("difference")
    .selectAll()
    .where("day", "=", day)
    .where("run", "=", run)
    .where("no", ">", after !== undefined && /^\d{1,15}$/.test(after) ? BigInt(after) : -1n)
    .orderBy("no")
    .limit(limit)
    .execute();
  return rows.map((row) => ({ no: String(row.no), difference: toDifference(row) }));
}

function toRow(difference: Difference, day: string, run: bigint, no: bigint): PaymentTables["difference"] {
  const { kind, entry, reference, orderId, ours, theirs, ourState, theirState, reason } = difference;
  return {
    day,
    run,
    no,
    kind,
    entry,
    reference,
    order_id: orderId,
    ours: ours?.amount ?? null,
    our_currency: ours?.currency ?? "",
    theirs: theirs?.amount ?? null,
    their_currency: theirs?.currency ?? "",
    our_state: ourState,
    their_state: theirState,
    reason,
  };
}

function toDifference(row: PaymentTables["difference"]): Difference {
  return {
    kind: row.kind,
    entry: row.entry,
    reference: row.reference,
    orderId: row.order_id,
    ours: row.ours === null ? undefined : { amount: row.ours, currency: row.our_currency },
    theirs: row.theirs === null ? undefined : { amount: row.theirs, currency: row.their_currency },
    ourState: row.our_state,
    theirState: row.their_state,
    reason: row.reason,
  };
}
