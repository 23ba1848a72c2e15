import type { Call } from "@sampan/core";
import type { Sql } from "@sampan/data";
import { type Kysely, sql as raw } from "kysely";
import type { Difference } from "../domain/difference.js";
import { openStates } from "../domain/refund.js";
import type { Pages } from "../reconciliation-store.js";
import type { PaymentTables } from "../schema.js";

type Tx = Kysely<PaymentTables>;
type Position = readonly [bookedAt: bigint, kind: string, reference: string];

/**
 * What a payment says it took and gave back, of those that had an entry since `since`, is in the ledger, and with nobody
 * when the order is gone. A payment and its entries are read in one transaction, so at one moment.
 */
export async function* ledgerDifferences(
  sql: Sql<PaymentTables>,
  since: number,
  call: Call,
  pages: Pages,
): AsyncGenerator<readonly Difference[]> {
  for (let after: Position = [BigInt(since), "", ""]; ; ) {
    await pages.turn();
    const { found, last } = await sql.transaction(call, (tx) => paymentsAfter(tx, after, pages.entries));
    yield found;
    if (last === undefined) break;
    after = last;
  }
}

async function paymentsAfter(
  tx: Tx,
  after: Position,
  limit: number,
): Promise<{ readonly found: Difference[]; readonly last: Position | undefined }> {
  const booked = await tx
    .selectFrom("ledger")
    .select(["booked_at", "kind", "reference", "order_id"])
    .where(raw<boolean>`(booked_at, kind, reference) > (${after[0]}, ${after[1]}, ${after[2]})`)
    .orderBy("booked_at")
    .orderBy("kind")
    .orderBy("reference")
    .limit(limit)
    .execute();
  const end = booked.at(-1);
  if (end === undefined) return { found: [], last: undefined };
  const last: Position = [end.booked_at, end.kind, end.reference];
  const orders = [...new Set(booked.map((row) => row.order_id))].filter((id) => id !== "");
  const found = orders.length === 0 ? [] : await paymentDifferences(tx, orders);
  const again = await bookedAfter(tx, last, [...new Set(found.map(({ orderId }) => orderId))]);
  return { found: found.filter(({ orderId }) => !again.has(orderId)), last };
}

/** Which orders will be met again on a later page, and are told of there: an order may have entries on several. */
async function bookedAfter(tx: Tx, [at, kind, reference]: Position, orders: string[]): Promise<ReadonlySet<string>> {
  if (orders.length === 0) return new Set();
  const rows = await tx
    .selectFrom("ledger")
    .select("order_id")
    .distinct()
    .where("order_id", "in", orders)
    .where(raw<boolean>`(booked_at, kind, reference) > (${at}, ${kind}, ${reference})`)
    .execute();
  return new Set(rows.map((row) => row.order_id));
}

async function paymentDifferences(tx: Tx, orders: readonly string[]): Promise<Difference[]> {
  const payments = await tx.selectFrom("payment").selectAll().where("order_id", "in", orders).execute();
  const entries = await tx
    .selectFrom("ledger")
    .select((row) => ["order_id", "kind", row.fn.sum<bigint>("amount").as("amount")])
    .where("order_id", "in", orders)
    .groupBy(["order_id", "kind"])
    .execute();
  const open = await tx
    .selectFrom("refund")
    .select((row) => ["order_id", row.fn.sum<bigint>("amount").as("amount")])
    .where("order_id", "in", orders)
    .where("state", "in", openStates)
    .groupBy("order_id")
    .execute();
  const booked = new Map(entries.map(({ order_id, kind, amount }) => [`${kind} ${order_id}`, BigInt(amount)]));
  const underWay = new Map(open.map(({ order_id, amount }) => [order_id, BigInt(amount)]));
  const found: Difference[] = [];
  for (const { order_id: orderId, status, charged, refunded, currency } of payments) {
    const differ = (kind: Difference["kind"], ours: bigint, theirs: bigint, reason: string): void => {
      const sides = { ours: { amount: ours, currency }, theirs: { amount: theirs, currency } };
      found.push({
        kind,
        entry: "ledger",
        reference: orderId,
        orderId,
        ...sides,
        ourState: status,
        theirState: "",
        reason,
      });
    };
    const taken = booked.get(`charge ${orderId}`) ?? 0n;
    const given = booked.get(`refund ${orderId}`) ?? 0n;
    if (charged !== taken)
      differ("ledger-differs", charged, taken, "the payment says another amount was taken than the ledger");
    if (refunded !== given)
      differ("ledger-differs", refunded, given, "the payment says another amount was given back than the ledger");
    const back = refunded + (underWay.get(orderId) ?? 0n);
    if (status === "voided" && charged > back) {
      differ("not-given-back", charged, back, "the order is gone, and not all that was taken is back or on its way");
    }
  }
  return found;
}
