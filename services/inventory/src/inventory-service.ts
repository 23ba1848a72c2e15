import { create } from "@bufbuild/protobuf";
import { timestampMs } from "@bufbuild/protobuf/wkt";
import { InventoryService } from "@sampan/contracts/inventory/v1/inventory_pb.js";
import { type Call, type Clock, detail, implement, type RpcError, type Service } from "@sampan/core";
import { afterToken, pageOf } from "@sampan/data";
import { PreconditionFailureSchema } from "@sampan/protos/google/rpc/error_details_pb.js";
import { InventoryErrors } from "./domain/errors.js";
import {
  confirm,
  isExpired,
  type Reservation,
  type ReservationState,
  release,
  reserveAgain,
  restock,
} from "./domain/reservation.js";
import { type Level, type Line, type Movement, mergeLines, move, type Shortage, shortages } from "./domain/stock.js";

/** What a change of stock may read and write, all in one transaction. */
export interface StockChange {
  levels(productIds: readonly string[]): Promise<ReadonlyMap<string, Level>>;
  apply(movements: readonly Movement[]): Promise<void>;
  reservation(reservationId: string): Promise<Reservation | undefined>;
  insertReservation(reservation: Reservation): Promise<void>;
  setState(reservationId: string, state: ReservationState): Promise<void>;
  /** Pieces put back so far, by product. */
  restocked(reservationId: string): Promise<ReadonlyMap<string, bigint>>;
  addRestocked(reservationId: string, lines: readonly Line[]): Promise<void>;
  /** Whether the key is new. Throws `IDEMPOTENCY_KEY_REUSED` when it was used for another request. */
  claim(scope: string, key: string, request: unknown): Promise<boolean>;
}

/** Where stock is kept. */
export interface StockStore {
  change<T>(call: Call, work: (stock: StockChange) => Promise<T>): Promise<T>;
  levels(productIds: readonly string[]): Promise<ReadonlyMap<string, Level>>;
  list(limit: number, after: string | undefined): Promise<Level[]>;
  /** Held reservations whose time is over, oldest first. */
  expired(now: number, limit: number): Promise<string[]>;
}

export interface InventoryDeps {
  readonly store: StockStore;
  readonly clock: Clock;
}

export function inventoryService({ store, clock }: InventoryDeps): Service {
  return implement(InventoryService, {
    async addStock(request, call) {
      await store.change(call, async (stock) => {
        if (!(await stock.claim("add-stock", request.idempotencyKey, request))) return;
        await stock.apply(move(mergeLines(request.lines), "outside", "available"));
      });
      return {};
    },

    async checkStock({ productId, quantity }) {
      const level = (await store.levels([productId])).get(productId);
      if (level === undefined) throw InventoryErrors.UNKNOWN_STOCK({ product: productId });
      return { enough: level.available >= quantity, available: level.available };
    },

    async batchCheckStock(request) {
      const lines = mergeLines(request.lines);
      return { shortages: shortages(lines, await store.levels(lines.map((line) => line.productId))) };
    },

    async reserve({ reservationId, lines, expiresAt }, call) {
      const merged = mergeLines(lines);
      await store.change(call, async (stock) => {
        const existing = await stock.reservation(reservationId);
        if (existing !== undefined) {
          reserveAgain(existing, merged);
          return;
        }
        const missing = shortages(merged, await stock.levels(merged.map((line) => line.productId)));
        if (missing.length > 0) throw outOfStock(missing);
        await stock.apply(move(merged, "available", "reserved"));
        const until = expiresAt === undefined ? clock.now() : timestampMs(expiresAt);
        await stock.insertReservation({ reservationId, state: "held", lines: merged, expiresAt: until });
      });
      return {};
    },

    async release({ reservationId }, call) {
      await releaseReservation(store, reservationId, call);
      return {};
    },

    async confirm({ reservationId }, call) {
      await store.change(call, async (stock) => {
        const { state, movements } = confirm(await existing(stock, reservationId));
        await stock.apply(movements);
        if (state !== undefined) await stock.setState(reservationId, state);
      });
      return {};
    },

    async restock(request, call) {
      await store.change(call, async (stock) => {
        if (!(await stock.claim("restock", request.restockId, request))) return;
        const reservation = await existing(stock, request.reservationId);
        const { movements } = restock(reservation, request.lines, await stock.restocked(request.reservationId));
        await stock.apply(movements);
        await stock.addRestocked(request.reservationId, mergeLines(request.lines));
      });
      return {};
    },

    async listStock({ pageSize, pageToken }) {
      const size = pageSize === 0 ? 100 : pageSize;
      const page = pageOf(await store.list(size + 1, afterToken(pageToken)), size, (level) => level.productId);
      return { levels: [...page.items], nextPageToken: page.nextPageToken };
    },
  });
}

/** Frees a reservation; one that was never made is marked as released, so that a late Reserve is refused. */
async function releaseReservation(store: StockStore, reservationId: string, call: Call): Promise<void> {
  await store.change(call, async (stock) => {
    const reservation = await stock.reservation(reservationId);
    if (reservation === undefined) {
      await stock.insertReservation({ reservationId, state: "released", lines: [], expiresAt: 0 });
      return;
    }
    const { state, movements } = release(reservation, await stock.restocked(reservationId));
    await stock.apply(movements);
    if (state !== undefined) await stock.setState(reservationId, state);
  });
}

/** Frees a reservation whose time is over, unless it was confirmed or released since somebody found it. */
export async function expireReservation(
  store: StockStore,
  reservationId: string,
  now: number,
  call: Call,
): Promise<void> {
  await store.change(call, async (stock) => {
    const reservation = await stock.reservation(reservationId);
    if (reservation === undefined || !isExpired(reservation, now)) return;
    const { state, movements } = release(reservation, new Map());
    await stock.apply(movements);
    if (state !== undefined) await stock.setState(reservationId, state);
  });
}

async function existing(stock: StockChange, reservationId: string): Promise<Reservation> {
  const reservation = await stock.reservation(reservationId);
  if (reservation === undefined) throw InventoryErrors.UNKNOWN_RESERVATION({ reservation: reservationId });
  return reservation;
}

function outOfStock(missing: readonly Shortage[]): RpcError {
  const violations = missing.map(({ productId, wanted, available }) => ({
    type: "STOCK",
    subject: productId,
    description: `wanted ${wanted}, available ${available}`,
  }));
  const names = missing.map((shortage) => shortage.productId);
  const products = names.slice(0, 5).join(", ") + (names.length > 5 ? ` and ${names.length - 5} more` : "");
  return InventoryErrors.OUT_OF_STOCK(
    { products },
    { details: [detail(PreconditionFailureSchema, create(PreconditionFailureSchema, { violations }))] },
  );
}
