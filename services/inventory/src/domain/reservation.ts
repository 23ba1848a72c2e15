import { InventoryErrors } from "./errors.js";
import { type Line, type Movement, mergeLines, move } from "./stock.js";

export type ReservationState = "held" | "released" | "confirmed";

/** Pieces set aside for one order. */
export interface Reservation {
  readonly reservationId: string;
  readonly state: ReservationState;
  /** Merged. */
  readonly lines: readonly Line[];
  /** Milliseconds since the epoch; when the inventory releases it by itself. */
  readonly expiresAt: number;
}

/** What a request does to a reservation: its next state (undefined: no change) and the pieces that move. */
export interface Transition {
  readonly state: ReservationState | undefined;
  readonly movements: readonly Movement[];
}

const nothing: Transition = { state: undefined, movements: [] };

/** Repeating a reservation changes nothing; a released id cannot be revived, so a late Reserve cannot take stock for ever. */
export function reserveAgain(existing: Reservation, lines: readonly Line[]): Transition {
  const same = JSON.stringify(plain(existing.lines)) === JSON.stringify(plain(mergeLines(lines)));
  if (existing.state === "released") throw closed(existing, "reserved");
  if (!same) throw InventoryErrors.RESERVATION_CHANGED({ reservation: existing.reservationId });
  return nothing;
}

/**
 * Releasing a confirmed reservation takes the sale back: it is how a saga undoes a confirmation. Pieces that were put
 * back `earlier` are not put back again.
 */
export function release(existing: Reservation, earlier: ReadonlyMap<string, bigint>): Transition {
  switch (existing.state) {
    case "held":
      return { state: "released", movements: move(existing.lines, "reserved", "available") };
    case "confirmed":
      return { state: "released", movements: move(without(existing.lines, earlier), "sold", "available") };
    case "released":
      return nothing;
  }
}

/** Whether the inventory may release it by itself. A confirmed one never: that would take back a sale. */
export function isExpired({ state, expiresAt }: Reservation, now: number): boolean {
  return state === "held" && expiresAt <= now;
}

export function confirm(existing: Reservation): Transition {
  switch (existing.state) {
    case "held":
      return { state: "confirmed", movements: move(existing.lines, "reserved", "sold") };
    case "confirmed":
      return nothing;
    case "released":
      throw closed(existing, "confirmed");
  }
}

/** Sold pieces go back on the shelf. `earlier` is what was put back before. */
export function restock(
  existing: Reservation,
  lines: readonly Line[],
  earlier: ReadonlyMap<string, bigint>,
): Transition {
  if (existing.state !== "confirmed") throw closed(existing, "put back");
  const merged = mergeLines(lines);
  const sold = new Map(existing.lines.map((line) => [line.productId, line.quantity]));
  for (const { productId, quantity } of merged) {
    if (quantity + (earlier.get(productId) ?? 0n) > (sold.get(productId) ?? 0n)) {
      throw InventoryErrors.RESTOCK_TOO_MUCH({ product: productId, reservation: existing.reservationId });
    }
  }
  return { state: undefined, movements: move(merged, "sold", "available") };
}

function without(lines: readonly Line[], earlier: ReadonlyMap<string, bigint>): Line[] {
  return lines
    .map(({ productId, quantity }) => ({ productId, quantity: quantity - (earlier.get(productId) ?? 0n) }))
    .filter(({ quantity }) => quantity > 0n);
}

function closed(reservation: Reservation, wanted: string): Error {
  return InventoryErrors.RESERVATION_CLOSED({
    reservation: reservation.reservationId,
    state: reservation.state,
    wanted,
  });
}

function plain(lines: readonly Line[]): [string, string][] {
  return lines.map((line) => [line.productId, String(line.quantity)]);
}
