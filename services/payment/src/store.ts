import type { Clock, Money } from "@sampan/core";
import { claimKey, type Sql } from "@sampan/data";
import { type Kysely, sql as raw, type Transaction } from "kysely";
import type { Payment } from "./domain/payment.js";
import type { LedgerSums, PaymentChange, PaymentStore } from "./payment-store.js";
import type { PaymentTables } from "./schema.js";

/** What a change does beyond this service's own tables, in the same transaction. */
export type Effects = Pick<PaymentChange, "publishSettled" | "startGivingBack">;

export function paymentStore(
  sql: Sql<PaymentTables>,
  clock: Clock,
  effects: (tx: Transaction<PaymentTables>, call: Parameters<PaymentStore["change"]>[0]) => Effects,
): PaymentStore {
  return {
    change: (call, work) => sql.transaction(call, (tx) => work({ ...paymentChange(tx, clock), ...effects(tx, call) })),
    payment: (orderId) => payment(sql.read, orderId),
    async list(limit, after) {
      const query = sql.read.selectFrom("payment").selectAll().orderBy("order_id").limit(limit);
      const rows = await (after === undefined ? query : query.where("order_id", ">", after)).execute();
      return rows.map(toPayment);
    },
    async balances(userId): Promise<Money[]> {
      const rows = await sql.read.selectFrom("wallet").selectAll().where("user_id", "=", userId).execute();
      return rows.map(({ balance, currency }) => ({ amount: balance, currency }));
    },
    sums: () => sums(sql.read),
  };
}

function paymentChange(tx: Transaction<PaymentTables>, clock: Clock): Omit<PaymentChange, keyof Effects> {
  return {
    payment: (orderId) => payment(tx, orderId),
    async insert(payment) {
      await tx.insertInto("payment").values(toRow(payment)).execute();
    },
    async update(payment) {
      await tx.updateTable("payment").set(toRow(payment)).where("order_id", "=", payment.orderId).execute();
    },
    async balance(userId, currency) {
      const row = await tx
        .selectFrom("wallet")
        .select("balance")
        .where("user_id", "=", userId)
        .where("currency", "=", currency)
        .executeTakeFirst();
      return row?.balance ?? 0n;
    },
    async addBalance(userId, { amount, currency }) {
      const updated = await tx
        .updateTable("wallet")
        .set({ balance: raw`balance + ${amount}` })
        .where("user_id", "=", userId)
        .where("currency", "=", currency)
        .executeTakeFirst();
      if (updated.numUpdatedRows > 0n) return;
      await tx.insertInto("wallet").values({ user_id: userId, currency, balance: amount }).execute();
    },
    async book({ kind, reference, orderId, userId, amount }) {
      await tx
        .insertInto("ledger")
        .values({
          kind,
          reference,
          order_id: orderId,
          user_id: userId,
          amount: amount.amount,
          currency: amount.currency,
          booked_at: BigInt(clock.now()),
        })
        .execute();
    },
    async refund(refundId) {
      const row = await tx.selectFrom("refund").selectAll().where("refund_id", "=", refundId).executeTakeFirst();
      if (row === undefined) return undefined;
      const amount = { amount: row.amount, currency: row.currency };
      return { refundId, orderId: row.order_id, amount, done: row.done !== 0n };
    },
    async pendingRefunds(orderId) {
      const rows = await tx
        .selectFrom("refund")
        .select("amount")
        .where("order_id", "=", orderId)
        .where("done", "=", 0n)
        .execute();
      return rows.reduce((sum, { amount }) => sum + amount, 0n);
    },
    async insertRefund({ refundId, orderId, amount, done }) {
      await tx
        .insertInto("refund")
        .values({
          refund_id: refundId,
          order_id: orderId,
          amount: amount.amount,
          currency: amount.currency,
          done: done ? 1n : 0n,
        })
        .execute();
    },
    async finishRefund(refundId) {
      await tx.updateTable("refund").set({ done: 1n }).where("refund_id", "=", refundId).execute();
    },
    async dropRefund(refundId) {
      await tx.deleteFrom("refund").where("refund_id", "=", refundId).where("done", "=", 0n).execute();
    },
    async firstNotification(notificationId) {
      const seen = await tx
        .selectFrom("notification")
        .select("notification_id")
        .where("notification_id", "=", notificationId)
        .executeTakeFirst();
      if (seen !== undefined) return false;
      await tx
        .insertInto("notification")
        .values({ notification_id: notificationId, received_at: BigInt(clock.now()) })
        .execute();
      return true;
    },
    async claim(scope, key, request) {
      return (await claimKey(tx, { scope, key, request, value: "", now: clock.now() })) === undefined;
    },
  };
}

async function payment(db: Kysely<PaymentTables>, orderId: string): Promise<Payment | undefined> {
  const row = await db.selectFrom("payment").selectAll().where("order_id", "=", orderId).executeTakeFirst();
  return row === undefined ? undefined : toPayment(row);
}

async function sums(db: Kysely<PaymentTables>): Promise<LedgerSums[]> {
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

function toPayment(row: PaymentTables["payment"]): Payment {
  return {
    orderId: row.order_id,
    userId: row.user_id,
    kind: row.kind,
    status: row.status,
    amount: { amount: row.amount, currency: row.currency },
    charged: row.charged,
    refunded: row.refunded,
    createdAt: Number(row.created_at),
    prepayId: row.prepay_id,
    transactionId: row.transaction_id,
  };
}

function toRow(payment: Payment): PaymentTables["payment"] {
  return {
    order_id: payment.orderId,
    user_id: payment.userId,
    kind: payment.kind,
    status: payment.status,
    amount: payment.amount.amount,
    currency: payment.amount.currency,
    charged: payment.charged,
    refunded: payment.refunded,
    created_at: BigInt(payment.createdAt),
    prepay_id: payment.prepayId,
    transaction_id: payment.transactionId,
  };
}
