import { type Kysely, sql as raw } from "kysely";
import type { Entry } from "../domain/difference.js";
import type { BookEntry, Pages } from "../reconciliation-store.js";
import type { PaymentTables } from "../schema.js";

/** What our books have under these references. Wallets are no business of the platform's. */
export async function entriesOf(
  db: Kysely<PaymentTables>,
  kind: Entry["kind"],
  references: readonly string[],
): Promise<ReadonlyMap<string, BookEntry>> {
  const found =
    kind === "payment"
      ? (await payments(db).where("order_id", "in", references).execute()).map(fromPayment)
      : (await refunds(db).where("refund_id", "in", references).execute()).map(fromRefund);
  return new Map(found.map((entry) => [entry.reference, entry]));
}

/** What must be on the bill of a day at the latest, page after page. */
export async function* dueEntries(
  db: Kysely<PaymentTables>,
  kind: Entry["kind"],
  range: { readonly from: number; readonly to: number },
  pages: Pages,
): AsyncGenerator<readonly BookEntry[]> {
  let from = BigInt(range.from);
  let after = "";
  const due = kind === "payment" ? duePayments : dueRefunds;
  for (;;) {
    await pages.turn();
    const page = await due(db, { from, after, to: BigInt(range.to), limit: pages.entries });
    if (page.length > 0) yield page;
    const last = page.at(-1);
    if (last === undefined || page.length < pages.entries) return;
    from = BigInt(last.billTo);
    after = last.reference;
  }
}

export async function markBilled(
  db: Kysely<PaymentTables>,
  kind: Entry["kind"],
  references: readonly string[],
  day: string,
): Promise<void> {
  const change = { billed_on: day };
  if (kind === "payment") await db.updateTable("payment").set(change).where("order_id", "in", references).execute();
  else await db.updateTable("refund").set(change).where("refund_id", "in", references).execute();
}

interface Due {
  readonly from: bigint;
  /** Of those at `from`, only what comes after this reference. */
  readonly after: string;
  readonly to: bigint;
  readonly limit: number;
}

async function duePayments(db: Kysely<PaymentTables>, { from, after, to, limit }: Due): Promise<BookEntry[]> {
  const rows = await payments(db)
    .where(raw<boolean>`(bill_to, order_id) > (${from}, ${after})`)
    .where("bill_to", "<", to)
    .orderBy("bill_to")
    .orderBy("order_id")
    .limit(limit)
    .execute();
  return rows.map(fromPayment);
}

async function dueRefunds(db: Kysely<PaymentTables>, { from, after, to, limit }: Due): Promise<BookEntry[]> {
  const rows = await refunds(db)
    .where(raw<boolean>`(refund.bill_to, refund.refund_id) > (${from}, ${after})`)
    .where("refund.bill_to", "<", to)
    .orderBy("refund.bill_to")
    .orderBy("refund_id")
    .limit(limit)
    .execute();
  return rows.map(fromRefund);
}

const payments = (db: Kysely<PaymentTables>) => db.selectFrom("payment").selectAll().where("kind", "=", "pay-order");

const refunds = (db: Kysely<PaymentTables>) =>
  db
    .selectFrom("refund")
    .innerJoin("payment", "payment.order_id", "refund.order_id")
    .selectAll("refund")
    .select("payment.transaction_id")
    .where("payment.kind", "=", "pay-order");

function fromPayment(row: PaymentTables["payment"]): BookEntry {
  const paid = row.charged > 0n;
  return {
    kind: "payment",
    reference: row.order_id,
    orderId: row.order_id,
    amount: { amount: paid ? row.charged : row.amount, currency: row.currency },
    state: paid ? "succeeded" : "awaiting",
    transactionId: row.transaction_id,
    ...billing(row),
  };
}

function fromRefund(row: PaymentTables["refund"] & { readonly transaction_id: string }): BookEntry {
  return {
    kind: "refund",
    reference: row.refund_id,
    orderId: row.order_id,
    amount: { amount: row.amount, currency: row.currency },
    state: row.state,
    transactionId: row.transaction_id,
    ...billing(row),
  };
}

function billing(row: { readonly bill_from: bigint; readonly bill_to: bigint; readonly billed_on: string }) {
  return { billFrom: Number(row.bill_from), billTo: Number(row.bill_to), billedOn: row.billed_on };
}
