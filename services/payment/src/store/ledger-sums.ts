import type { Kysely } from "kysely";
import type { LedgerSums } from "../payment-store.js";
import type { PaymentTables } from "../schema.js";

/** Of every entry ever booked, by currency. */
export async function ledgerSums(db: Kysely<PaymentTables>): Promise<LedgerSums[]> {
  const entries = await db
    .selectFrom("ledger")
    .select((row) => [
      "currency",
      "kind",
      row.fn.sum<bigint>("amount").as("amount"),
      row.fn.countAll<bigint>().as("count"),
    ])
    .groupBy(["currency", "kind"])
    .execute();
  const wallets = await db
    .selectFrom("wallet")
    .select((row) => ["currency", row.fn.sum<bigint>("balance").as("balance")])
    .groupBy("currency")
    .execute();
  const currencies = new Set([...entries, ...wallets].map(({ currency }) => currency));
  return [...currencies].sort().map((currency) => {
    const of = (kind: string) => entries.find((entry) => entry.currency === currency && entry.kind === kind);
    return {
      currency,
      toppedUp: BigInt(of("top-up")?.amount ?? 0n),
      charged: BigInt(of("charge")?.amount ?? 0n),
      refunded: BigInt(of("refund")?.amount ?? 0n),
      walletBalances: BigInt(wallets.find((wallet) => wallet.currency === currency)?.balance ?? 0n),
      payments: BigInt(of("charge")?.count ?? 0n),
      refunds: BigInt(of("refund")?.count ?? 0n),
    };
  });
}
