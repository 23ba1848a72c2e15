import { type Kysely, sql as raw, type Transaction } from "kysely";
import type { Entry } from "../domain/difference.js";
import type { Pages, TakenDay } from "../reconciliation-store.js";
import type { PaymentTables } from "../schema.js";

export async function insertLines(
  tx: Transaction<PaymentTables>,
  { day, run }: TakenDay,
  lines: readonly Entry[],
  firstNo: number,
): Promise<void> {
  const rows = lines.map(({ kind, reference, orderId, amount, state, transactionId }, index) => ({
    day,
    run,
    kind,
    reference,
    line_no: BigInt(firstNo + index),
    order_id: orderId,
    amount: amount.amount,
    currency: amount.currency,
    state,
    transaction_id: transactionId,
  }));
  await tx.insertInto("bill_line").values(rows).execute();
}

/** The lines of a kind in the order of their references, page after page. */
export async function* billPages(
  db: Kysely<PaymentTables>,
  { day, run }: TakenDay,
  kind: Entry["kind"],
  pages: Pages,
): AsyncGenerator<readonly Entry[]> {
  let reference = "";
  let lineNo = -1n;
  for (;;) {
    await pages.turn();
    const rows = await db
      .selectFrom("bill_line")
      .selectAll()
      .where("day", "=", day)
      .where("run", "=", run)
      .where("kind", "=", kind)
      .where(raw<boolean>`(reference, line_no) > (${reference}, ${lineNo})`)
      .orderBy("reference")
      .orderBy("line_no")
      .limit(pages.entries)
      .execute();
    if (rows.length > 0) yield rows.map(toEntry);
    const last = rows.at(-1);
    if (last === undefined || rows.length < pages.entries) return;
    reference = last.reference;
    lineNo = last.line_no;
  }
}

/** Which of the references the bill has. */
export async function billed(
  db: Kysely<PaymentTables>,
  { day, run }: TakenDay,
  kind: Entry["kind"],
  references: readonly string[],
): Promise<ReadonlySet<string>> {
  if (references.length === 0) return new Set();
  const rows = await db
    .selectFrom("bill_line")
    .select("reference")
    .distinct()
    .where("day", "=", day)
    .where("run", "=", run)
    .where("kind", "=", kind)
    .where("reference", "in", references)
    .execute();
  return new Set(rows.map((row) => row.reference));
}

function toEntry(row: PaymentTables["bill_line"]): Entry {
  return {
    kind: row.kind,
    reference: row.reference,
    orderId: row.order_id,
    amount: { amount: row.amount, currency: row.currency },
    state: row.state,
    transactionId: row.transaction_id,
  };
}
