import assert from "node:assert/strict";
import { test } from "node:test";
import {
  confirm,
  isExpired,
  type Reservation,
  type ReservationState,
  release,
  reserveAgain,
  restock,
} from "./reservation.js";

const nothing = new Map<string, bigint>();

function reservation(state: ReservationState): Reservation {
  const lines = [
    { productId: "a", quantity: 2n },
    { productId: "b", quantity: 3n },
  ];
  return { reservationId: "r", state, lines, expiresAt: 1000 };
}

const reason = (expected: string) => (error: { reason?: string }) => error.reason === expected;

test("a held reservation can be confirmed, or released to the shelf", () => {
  assert.deepEqual(confirm(reservation("held")), {
    state: "confirmed",
    movements: [
      { productId: "a", available: 0n, reserved: -2n, sold: 2n },
      { productId: "b", available: 0n, reserved: -3n, sold: 3n },
    ],
  });
  assert.deepEqual(release(reservation("held"), nothing).movements[0], {
    productId: "a",
    available: 2n,
    reserved: -2n,
    sold: 0n,
  });
});

test("releasing a confirmed one takes the sale back, less what was put back before", () => {
  const { state, movements } = release(
    reservation("confirmed"),
    new Map([
      ["a", 2n],
      ["b", 1n],
    ]),
  );
  assert.equal(state, "released");
  assert.deepEqual(movements, [{ productId: "b", available: 2n, reserved: 0n, sold: -2n }]);
});

test("repeating changes nothing", () => {
  for (const again of [
    confirm(reservation("confirmed")),
    release(reservation("released"), nothing),
    reserveAgain(reservation("held"), reservation("held").lines),
  ]) {
    assert.deepEqual(again, { state: undefined, movements: [] });
  }
});

test("a released one is never revived, and other lines are another reservation", () => {
  assert.throws(() => confirm(reservation("released")), reason("RESERVATION_CLOSED"));
  assert.throws(
    () => reserveAgain(reservation("released"), reservation("released").lines),
    reason("RESERVATION_CLOSED"),
  );
  assert.throws(
    () => reserveAgain(reservation("held"), [{ productId: "a", quantity: 1n }]),
    reason("RESERVATION_CHANGED"),
  );
});

test("the same lines in another order, or split, are the same reservation", () => {
  const split = [
    { productId: "b", quantity: 1n },
    { productId: "a", quantity: 2n },
    { productId: "b", quantity: 2n },
  ];
  assert.deepEqual(reserveAgain(reservation("held"), split), { state: undefined, movements: [] });
});

test("at most what was sold and is not back yet can be put back", () => {
  const back = (quantity: bigint, earlier: bigint) =>
    restock(reservation("confirmed"), [{ productId: "b", quantity }], new Map([["b", earlier]]));
  assert.deepEqual(back(2n, 1n).movements, [{ productId: "b", available: 2n, reserved: 0n, sold: -2n }]);
  assert.throws(() => back(3n, 1n), reason("RESTOCK_TOO_MUCH"));
  assert.throws(
    () => restock(reservation("confirmed"), [{ productId: "c", quantity: 1n }], nothing),
    reason("RESTOCK_TOO_MUCH"),
  );
  for (const state of ["held", "released"] as const) {
    assert.throws(
      () => restock(reservation(state), [{ productId: "a", quantity: 1n }], nothing),
      reason("RESERVATION_CLOSED"),
    );
  }
});

test("only a held reservation expires, at its time", () => {
  assert.deepEqual([isExpired(reservation("held"), 999), isExpired(reservation("held"), 1000)], [false, true]);
  assert.equal(isExpired(reservation("confirmed"), 2000), false);
  assert.equal(isExpired(reservation("released"), 2000), false);
});
