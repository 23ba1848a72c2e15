import type { Clock, Money } from "@sampan/core";
import { claimKey, type Sql } from "@sampan/data";
import { type Kysely, sql as raw, type Transaction } from "kysely";
import type { Payment } from "./domain/payment.js";
import type { PaymentChange, PaymentStore } from "./payment-store.js";
import type { PaymentTables } from "./schema.js";
import { inquiryRows, waiting } from "./store/inquiries.js";
import { irregularityRows, listIrregularities } from "./store/irregularities.js";
import { ledgerSums } from "./store/ledger-sums.js";
import { fromPayment, toPayment } from "./store/payment.js";
import { listRefunds, refundRows } from "./store/refunds.js";

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
    listRefunds: (limit, after, openOnly) => listRefunds(sql.read, limit, after, openOnly),
    listIrregularities: (limit, after) => listIrregularities(sql.read, limit, after),
    sums: () => ledgerSums(sql.read),
    waiting: () => waiting(sql.read),
  };
}

function paymentChange(tx: Transaction<PaymentTables>, clock: Clock): Omit<PaymentChange, keyof Effects> {
  return {
    ...refundRows(tx),
    ...inquiryRows(tx),
    ...irregularityRows(tx, clock),
    payment: (orderId) => payment(tx, orderId),
    async insert(payment) {
      await tx
        .insertInto("payment")
        .values({ ...fromPayment(payment), billed_on: "" })
        .execute();
    },
    async update(payment) {
      await tx.updateTable("payment").set(fromPayment(payment)).where("order_id", "=", payment.orderId).execute();
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
