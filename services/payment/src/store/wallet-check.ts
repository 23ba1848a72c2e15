import type { Call } from "@sampan/core";
import type { Sql } from "@sampan/data";
import { type Kysely, sql as raw } from "kysely";
import type { Difference } from "../domain/difference.js";
import type { Pages } from "../reconciliation-store.js";
import type { PaymentTables } from "../schema.js";
import { longWalletDifferences } from "./long-wallet-check.js";
import { walletDiffers } from "./wallet-differs.js";

type Tx = Kysely<PaymentTables>;

/**
 * Every wallet holds what its entries in the ledger add up to. A wallet and its entries are read in one transaction,
 * so at one moment; those of somebody who has more than a page of them are counted, see `longWalletDifferences`.
 */
export async function* walletDifferences(
  sql: Sql<PaymentTables>,
  call: Call,
  pages: Pages,
): AsyncGenerator<readonly Difference[]> {
  for (let after = ""; ; ) {
    await pages.turn();
    const page = await sql.transaction(call, (tx) => walletsAfter(tx, after, pages.entries));
    if (page === undefined) return;
    yield page.found ?? (await longWalletDifferences(sql, call, page.last, pages));
    after = page.last;
  }
}

interface WalletPage {
  /** The last user of the page. */
  readonly last: string;
  /** Undefined when the page is of one user, who has more entries than a page. */
  readonly found: readonly Difference[] | undefined;
}

async function walletsAfter(tx: Tx, after: string, entries: number): Promise<WalletPage | undefined> {
  // One row more than a page: a user whose rows reach beyond it must wait for the next page.
  const next = async (table: "wallet" | "ledger") => {
    const rows = tx.selectFrom(table).select("user_id").where("user_id", ">", after).orderBy("user_id");
    return (await rows.limit(entries + 1).execute()).map((row) => row.user_id);
  };
  const lists = [await next("wallet"), await next("ledger")];
  const users = [...new Set(lists.flat())].sort(compareBytes);
  const [first] = users;
  if (first === undefined) return undefined;
  const cuts = lists.filter((list) => list.length > entries).map((list) => list.at(-1) as string);
  const last = users.filter((user) => cuts.every((cut) => compareBytes(user, cut) < 0)).at(-1);
  if (last === undefined) return { last: first, found: undefined };
  return { last, found: await differencesBetween(tx, after, last) };
}

/** Of the users behind `after`, up to and with `last`. */
async function differencesBetween(tx: Tx, after: string, last: string): Promise<Difference[]> {
  const wallets = await tx
    .selectFrom("wallet")
    .selectAll()
    .where("user_id", ">", after)
    .where("user_id", "<=", last)
    .execute();
  const entries = await tx
    .selectFrom("ledger")
    .leftJoin("payment", "payment.order_id", "ledger.order_id")
    .select(["ledger.user_id", "ledger.currency"])
    .select(raw<bigint>`sum(case when ledger.kind = 'charge' then -ledger.amount else ledger.amount end)`.as("balance"))
    .where("ledger.user_id", ">", after)
    .where("ledger.user_id", "<=", last)
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
  return [...balances.values()]
    .filter(({ holds, due }) => holds !== due)
    .map(({ user, currency, holds, due }) => walletDiffers(user, currency, holds, due));
}

/** As the database sorts text. */
function compareBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
