import type { Call } from "@sampan/core";
import type { Sql } from "@sampan/data";
import { type Kysely, sql as raw } from "kysely";
import type { Difference } from "../domain/difference.js";
import type { Pages } from "../reconciliation-store.js";
import type { PaymentTables } from "../schema.js";
import { walletDiffers } from "./wallet-differs.js";

type Tx = Kysely<PaymentTables>;
type Position = readonly [bookedAt: bigint, kind: string, reference: string];

const beforeAll: Position = [-(2n ** 63n), "", ""];

/**
 * The wallets of one user against any number of entries, in pages and yet as of one moment: entries are never changed,
 * so when as many were added up as there are, in the transaction that reads the wallets, none was missed. One that was
 * booked meanwhile comes last, by its time; where a clock is behind it may come before what was read, and all is read
 * again.
 */
export async function longWalletDifferences(
  sql: Sql<PaymentTables>,
  call: Call,
  user: string,
  pages: Pages,
): Promise<readonly Difference[]> {
  for (;;) {
    const due = new Map<string, bigint>();
    let counted = 0n;
    let wallets: Wallets | undefined;
    for (let after: Position | undefined = beforeAll; after !== undefined; ) {
      await pages.turn();
      const position: Position = after;
      after = await sql.transaction(call, async (tx) => {
        const page = await entriesAfter(tx, user, position, pages.entries);
        for (const { currency, amount } of page) due.set(currency, (due.get(currency) ?? 0n) + BigInt(amount));
        counted += BigInt(page.length);
        const last = page.at(-1);
        if (last !== undefined && page.length === pages.entries) return [last.booked_at, last.kind, last.reference];
        wallets = await walletsOf(tx, user);
        return undefined;
      });
    }
    if (wallets !== undefined && wallets.entries === counted) return differences(user, wallets.balances, due);
  }
}

/** `amount` is what the entry moved into the wallet. */
function entriesAfter(tx: Tx, user: string, [bookedAt, kind, reference]: Position, limit: number) {
  return tx
    .selectFrom("ledger")
    .leftJoin("payment", "payment.order_id", "ledger.order_id")
    .select(["ledger.booked_at", "ledger.kind", "ledger.reference", "ledger.currency"])
    .select(
      raw<bigint>`case when ledger.kind = 'top-up' then ledger.amount when coalesce(payment.kind, '') <> 'wallet' then 0
        when ledger.kind = 'charge' then -ledger.amount else ledger.amount end`.as("amount"),
    )
    .where("ledger.user_id", "=", user)
    .where(raw<boolean>`(ledger.booked_at, ledger.kind, ledger.reference) > (${bookedAt}, ${kind}, ${reference})`)
    .orderBy("ledger.booked_at")
    .orderBy("ledger.kind")
    .orderBy("ledger.reference")
    .limit(limit)
    .execute();
}

interface Wallets {
  readonly balances: ReadonlyMap<string, bigint>;
  /** How many entries the user has. */
  readonly entries: bigint;
}

async function walletsOf(tx: Tx, user: string): Promise<Wallets> {
  const rows = await tx.selectFrom("wallet").selectAll().where("user_id", "=", user).execute();
  const counted = tx.selectFrom("ledger").select((row) => row.fn.countAll<bigint>().as("entries"));
  const { entries } = await counted.where("user_id", "=", user).executeTakeFirstOrThrow();
  return { balances: new Map(rows.map(({ currency, balance }) => [currency, balance])), entries: BigInt(entries) };
}

function differences(
  user: string,
  holds: ReadonlyMap<string, bigint>,
  due: ReadonlyMap<string, bigint>,
): readonly Difference[] {
  const currencies = [...new Set([...holds.keys(), ...due.keys()])].sort();
  return currencies
    .map((currency) => ({ currency, has: holds.get(currency) ?? 0n, must: due.get(currency) ?? 0n }))
    .filter(({ has, must }) => has !== must)
    .map(({ currency, has, must }) => walletDiffers(user, currency, has, must));
}
