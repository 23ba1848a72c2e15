import type { Call, Clock } from "@sampan/core";
import { claimKey, type Sql } from "@sampan/data";
import { type Kysely, sql as raw, type Transaction } from "kysely";
import type { Reservation } from "./domain/reservation.js";
import type { Level, Line } from "./domain/stock.js";
import type { StockChange, StockStore } from "./inventory-service.js";
import type { InventoryTables } from "./schema.js";

/** Rows written by one statement: below the parameter limit of every engine. */
const rowsAtOnce = 500;

export function stockStore(sql: Sql<InventoryTables>, clock: Clock): StockStore {
  return {
    change: (call: Call, work) => sql.transaction(call, (tx) => work(stockChange(tx, clock))),
    levels: (productIds) => levels(sql.read, productIds),
    async list(limit, after) {
      const query = sql.read.selectFrom("stock").selectAll().orderBy("product_id").limit(limit);
      const rows = await (after === undefined ? query : query.where("product_id", ">", after)).execute();
      return rows.map(toLevel);
    },
    async expired(now, limit) {
      const rows = await sql.read
        .selectFrom("reservation")
        .select("reservation_id")
        .where("state", "=", "held")
        .where("expires_at", "<=", BigInt(now))
        .orderBy("expires_at")
        .limit(limit)
        .execute();
      return rows.map((row) => row.reservation_id);
    },
  };
}

function stockChange(tx: Transaction<InventoryTables>, clock: Clock): StockChange {
  return {
    levels: (productIds) => levels(tx, productIds),
    async apply(movements) {
      for (const { productId, available, reserved, sold } of movements) {
        // Not an upsert: engines write those in different ways.
        const updated = await tx
          .updateTable("stock")
          .set({
            available: raw`available + ${available}`,
            reserved: raw`reserved + ${reserved}`,
            sold: raw`sold + ${sold}`,
          })
          .where("product_id", "=", productId)
          .executeTakeFirst();
        if (updated.numUpdatedRows > 0n) continue;
        await tx.insertInto("stock").values({ product_id: productId, available, reserved, sold }).execute();
      }
    },
    async reservation(reservationId): Promise<Reservation | undefined> {
      const row = await tx
        .selectFrom("reservation")
        .selectAll()
        .where("reservation_id", "=", reservationId)
        .executeTakeFirst();
      if (row === undefined) return undefined;
      const lines = await lineRows(tx, reservationId);
      return {
        reservationId,
        state: row.state,
        lines: lines.map((line) => ({ productId: line.product_id, quantity: line.quantity })),
        expiresAt: Number(row.expires_at),
      };
    },
    async insertReservation({ reservationId, state, lines, expiresAt }) {
      await tx
        .insertInto("reservation")
        .values({ reservation_id: reservationId, state, expires_at: BigInt(expiresAt) })
        .execute();
      for (let start = 0; start < lines.length; start += rowsAtOnce) {
        const rows = lines.slice(start, start + rowsAtOnce).map(({ productId, quantity }) => ({
          reservation_id: reservationId,
          product_id: productId,
          quantity,
          restocked: 0n,
        }));
        await tx.insertInto("reservation_line").values(rows).execute();
      }
    },
    async setState(reservationId, state) {
      await tx.updateTable("reservation").set({ state }).where("reservation_id", "=", reservationId).execute();
    },
    async restocked(reservationId) {
      const lines = await lineRows(tx, reservationId);
      return new Map(lines.map((line) => [line.product_id, line.restocked]));
    },
    async addRestocked(reservationId: string, lines: readonly Line[]) {
      for (const { productId, quantity } of lines) {
        await tx
          .updateTable("reservation_line")
          .set({ restocked: raw`restocked + ${quantity}` })
          .where("reservation_id", "=", reservationId)
          .where("product_id", "=", productId)
          .execute();
      }
    },
    async claim(scope, key, request) {
      return (await claimKey(tx, { scope, key, request, value: "", now: clock.now() })) === undefined;
    },
  };
}

function lineRows(tx: Transaction<InventoryTables>, reservationId: string) {
  return tx
    .selectFrom("reservation_line")
    .selectAll()
    .where("reservation_id", "=", reservationId)
    .orderBy("product_id")
    .execute();
}

async function levels(db: Kysely<InventoryTables>, productIds: readonly string[]): Promise<Map<string, Level>> {
  const found = new Map<string, Level>();
  for (let start = 0; start < productIds.length; start += rowsAtOnce) {
    const ids = productIds.slice(start, start + rowsAtOnce);
    const rows = await db.selectFrom("stock").selectAll().where("product_id", "in", ids).execute();
    for (const row of rows) found.set(row.product_id, toLevel(row));
  }
  return found;
}

function toLevel(row: InventoryTables["stock"]): Level {
  return { productId: row.product_id, available: row.available, reserved: row.reserved, sold: row.sold };
}
