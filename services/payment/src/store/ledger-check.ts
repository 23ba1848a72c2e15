import type { Call } from "@sampan/core";
import type { Sql } from "@sampan/data";
import { type Kysely, sql as raw } from "kysely";
import type { Difference } from "../domain/difference.js";
import { openStates } from "../domain/refund.js";
import type { PaymentTables } from "../schema.js";

/** Users or entries looked at in one transaction: what is read together must be of one moment. */
const batch = 200;

/**
 * Our books against themselves: every wallet holds what its entries in the ledger add up to; and what a payment says it
 * took and gave back, of those that had an entry since `since`, is in the ledger, and with nobody when the order is gone.
 */
export async function* ledgerDifferences(
  sql: Sql<PaymentTables>,
  since: number,
  call: Call,
): AsyncGenerator<Difference> {
  for (let after = ""; ; ) {
    const { found, last } = await sql.transaction(call, (tx) => walletsAfter(tx, after));
    yield* found;
    if (last === undefined) break;
    after = last;
  }
  for (let after: Position = [BigInt(since), "", ""]; ; ) {
    const { found, last } = await sql.transaction(call, (tx) => paymentsAfter(tx, after));
    yield* found;
    if (last === undefined) break;
    after = last;
  }
}

async function walletsAfter(
  tx: Kysely<PaymentTables>,
  after: string,
): Promise<{ readonly found: Difference[]; readonly last: string | undefined }> {
  const next = (table: "wallet" | "ledger") =>
    tx
      .selectFrom(table)
      .select("user_id")
      .distinct()
      .where("user_id", ">", after)
      .orderBy("user_id")
      .limit(batch)
      .execute();
  const both = [...(await next("wallet")), ...(await next("ledger"))].map((row) => row.user_id);
  const users = [...new Set(both)].sort(compareBytes).slice(0, batch);
  if (users.length === 0) return { found: [], last: undefined };
  const wallets = await tx.selectFrom("wallet").selectAll().where("user_id", "in", users).execute();
  const entries = await tx
    .selectFrom("ledger")
    .leftJoin("payment", "payment.order_id", "ledger.order_id")
    .select(["ledger.user_id", "ledger.currency"])
    .select(raw<bigint>`sum(case when ledger.kind = 'charge' then -ledger.amount else ledger.amount end)`.as("balance"))
    .where("ledger.user_id", "in", users)
    .where((row) => row.or([row("ledger.kind", "=", "top-up"), row("payment.kind", "=", "wallet")]))
    .groupBy(["ledger.user_id", "ledger.currency"])
    .execute();
  const balances = new Map<string, { user: string; currency: string; holds: bigint; due: bigint }>();
  const of = (user: string, currency: string) => {
    const key = `${currency} ${user}`;
    const balance = balances.get(key) ?? { user, currency, holds: 0n, due: 0n };
    balances.set(key, balance);
    return balance;
  };
  for (const { user_id, currency, balance } of wallets) of(user_id, currency).holds += balance;
  for (const { user_id, currency, balance } of entries) of(user_id, currency).due += BigInt(balance);
  const found = [...balances.values()]
    .filter(({ holds, due }) => holds !== due)
    .map(
      ({ user, currency, holds, due }): Difference => ({
        kind: "wallet-differs",
        entry: "wallet",
        reference: user,
        orderId: "",
        ours: { amount: holds, currency },
        theirs: { amount: due, currency },
        ourState: "",
        theirState: "",
        reason: "the wallet holds another amount than its entries in the ledger add up to",
      }),
    );
  return { found, last: users.at(-1) };
}

type Position = readonly [bookedAt: bigint, kind: string, reference: string];

async function paymentsAfter(
  tx: Kysely<PaymentTables>,
  after: Position,
): Promise<{ readonly found: Difference[]; readonly last: Position | undefined }> {
  const booked = await tx
    .selectFrom("ledger")
    .select(["booked_at", "kind", "reference", "order_id"])
    .where("booked_at", ">=", after[0])
    .where(raw<boolean>`(booked_at, kind, reference) > (${after[0]}, ${after[1]}, ${after[2]})`)
    .orderBy("booked_at")
    .orderBy("kind")
    .orderBy("reference")
    .limit(batch)
    .execute();
  const last = booked.at(-1);
  if (last === undefined) return { found: [], last: undefined };
  const orders = [...new Set(booked.map((row) => row.order_id))].filter((id) => id !== "");
  const found = orders.length === 0 ? [] : await paymentDifferences(tx, orders);
  return { found, last: [last.booked_at, last.kind, last.reference] };
}

async function paymentDifferences(tx: Kysely<PaymentTables>, orders: readonly string[]): Promise<Difference[]> {
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
  const booked = (order: string, kind: string): bigint =>
    BigInt(entries.find((row) => row.order_id === order && row.kind === kind)?.amount ?? 0n);
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
    const taken = booked(orderId, "charge");
    const given = booked(orderId, "refund");
    if (charged !== taken)
      differ("ledger-differs", charged, taken, "the payment says another amount was taken than the ledger");
    if (refunded !== given)
      differ("ledger-differs", refunded, given, "the payment says another amount was given back than the ledger");
    const back = refunded + BigInt(open.find((row) => row.order_id === orderId)?.amount ?? 0n);
    if (status === "voided" && charged > back) {
      differ("not-given-back", charged, back, "the order is gone, and not all that was taken is back or on its way");
    }
  }
  return found;
}

/** As the database sorts text. */
function compareBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
