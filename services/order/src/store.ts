import type { Call, Clock } from "@sampan/core";
import { claimKey, findKey, type Sql } from "@sampan/data";
import { type Kysely, sql as raw, type Transaction } from "kysely";
import type { Order } from "./domain/order.js";
import { grouped } from "./grouped.js";
import type { OrderChange, OrderStore } from "./order-store.js";
import { findRefunds, insertRefund } from "./refund-rows.js";
import type { OrderTables } from "./schema.js";

/** Rows written by one statement: below the parameter limit of every engine. */
const rowsAtOnce = 200;

/** What a change does beyond this service's own tables, in the same transaction. */
export type Effects = Pick<OrderChange, "publishChanged" | "startPlacing" | "startRefunding">;

export interface OrderStoreOptions {
  readonly sql: Sql<OrderTables>;
  readonly clock: Clock;
  readonly effects: (tx: Transaction<OrderTables>, call: Call) => Effects;
}

export function orderStore({ sql, clock, effects }: OrderStoreOptions): OrderStore {
  return {
    change: (call, work) => sql.transaction(call, (tx) => work({ ...orderChange(tx, clock), ...effects(tx, call) })),
    order: async (orderId) => (await findOrders(sql.read, [orderId]))[0],
    refund: async (refundId) => (await findRefunds(sql.read, "refund_id", [refundId]))[0],
    refunds: (orderIds) => findRefunds(sql.read, "order_id", orderIds),
    claimed: (scope, key, request) => findKey(sql.read, { scope, key, request }),
    async list(userId, limit, after) {
      let query = sql.read.selectFrom("shop_order").select("order_id").orderBy("order_id").limit(limit);
      if (userId !== undefined) query = query.where("user_id", "=", userId);
      if (after !== undefined) query = query.where("order_id", ">", after);
      const rows = await query.execute();
      return findOrders(
        sql.read,
        rows.map((row) => row.order_id),
      );
    },
  };
}

/** Changes of orders within a transaction that somebody else opened, such as a saga's step. */
export function orderChange(tx: Transaction<OrderTables>, clock: Clock): Omit<OrderChange, keyof Effects> {
  return {
    order: async (orderId) => (await findOrders(tx, [orderId]))[0],
    insert: (order) => insertOrder(tx, order),
    async setStatus(orderId, status, failureReason) {
      await tx
        .updateTable("shop_order")
        .set({ status, ...(failureReason === undefined ? {} : { failure_reason: failureReason }) })
        .where("order_id", "=", orderId)
        .execute();
    },
    refund: async (refundId) => (await findRefunds(tx, "refund_id", [refundId]))[0],
    insertRefund: (refund) => insertRefund(tx, refund),
    async setRefundStatus(refundId, status) {
      await tx.updateTable("refund").set({ status }).where("refund_id", "=", refundId).execute();
    },
    async countRefunded(orderId, lines, times) {
      for (const { lineNo, quantity } of lines) {
        await tx
          .updateTable("order_line")
          .set({ refunded_quantity: raw`refunded_quantity + ${quantity * times}` })
          .where("order_id", "=", orderId)
          .where("line_no", "=", BigInt(lineNo))
          .execute();
      }
    },
    async addRefunded(orderId, amount) {
      await tx
        .updateTable("shop_order")
        .set({ refunded: raw`refunded + ${amount}` })
        .where("order_id", "=", orderId)
        .execute();
    },
    claim: (scope, key, request, value) => claimKey(tx, { scope, key, request, value, now: clock.now() }),
  };
}

async function insertOrder(tx: Transaction<OrderTables>, order: Order): Promise<void> {
  await tx
    .insertInto("shop_order")
    .values({
      order_id: order.orderId,
      user_id: order.userId,
      status: order.status,
      payment_method: order.paymentMethod,
      currency: order.total.currency,
      total: order.total.amount,
      refunded: order.refunded,
      created_at: BigInt(order.createdAt),
      expires_at: BigInt(order.expiresAt),
      failure_reason: order.failureReason,
    })
    .execute();
  for (let start = 0; start < order.lines.length; start += rowsAtOnce) {
    const rows = order.lines.slice(start, start + rowsAtOnce).map((line) => ({
      order_id: order.orderId,
      line_no: BigInt(line.lineNo),
      product_id: line.productId,
      title: line.title,
      quantity: line.quantity,
      unit_price: line.unitPrice.amount,
      refunded_quantity: line.refundedQuantity,
    }));
    await tx.insertInto("order_line").values(rows).execute();
  }
}

/** In the order of their ids. */
async function findOrders(db: Kysely<OrderTables>, orderIds: readonly string[]): Promise<Order[]> {
  if (orderIds.length === 0) return [];
  const orders = await db
    .selectFrom("shop_order")
    .selectAll()
    .where("order_id", "in", orderIds)
    .orderBy("order_id")
    .execute();
  const lines = await db
    .selectFrom("order_line")
    .selectAll()
    .where("order_id", "in", orderIds)
    .orderBy("order_id")
    .orderBy("line_no")
    .execute();
  const linesOf = grouped(lines, (line) => line.order_id);
  return orders.map((row) => toOrder(row, linesOf.get(row.order_id) ?? []));
}

function toOrder(row: OrderTables["shop_order"], lines: readonly OrderTables["order_line"][]): Order {
  const { currency } = row;
  return {
    orderId: row.order_id,
    userId: row.user_id,
    status: row.status,
    paymentMethod: row.payment_method,
    total: { amount: row.total, currency },
    refunded: row.refunded,
    createdAt: Number(row.created_at),
    expiresAt: Number(row.expires_at),
    failureReason: row.failure_reason,
    lines: lines.map((line) => ({
      lineNo: Number(line.line_no),
      productId: line.product_id,
      title: line.title,
      quantity: line.quantity,
      unitPrice: { amount: line.unit_price, currency },
      refundedQuantity: line.refunded_quantity,
    })),
  };
}
