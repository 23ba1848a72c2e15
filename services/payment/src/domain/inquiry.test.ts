import assert from "node:assert/strict";
import { test } from "node:test";
import { askAt, payOrderStep, type ToldPayOrder } from "./inquiry.js";

const minute = 60_000;
const waits = [30_000, minute, 3 * minute, 10 * minute];

test("questions come ever more seldom, and the last wait repeats", () => {
  const at = (asks: number): number => askAt(waits, asks, 1000) - 1000;
  assert.deepEqual([0, 1, 2, 3, 4, 99].map(at), [30_000, minute, 3 * minute, 10 * minute, 10 * minute, 10 * minute]);
});

test("a pay order is asked for half a minute after its expiry, not later, and goes on at most every ten minutes", () => {
  const expiresAt = 15 * minute;
  assert.equal(askAt(waits, 3, 10 * minute, expiresAt), expiresAt + 30_000);
  assert.equal(askAt(waits, 3, 5 * minute, expiresAt), expiresAt);
  assert.equal(askAt(waits, 3, expiresAt + 30_000, expiresAt), expiresAt + 30_000 + 10 * minute);
  assert.equal(askAt([60 * minute], 0, expiresAt + 30_000, expiresAt), expiresAt + 30_000 + 10 * minute);
});

const states: readonly ToldPayOrder[] = ["unpaid", "paying", "paid", "refunded", "closed", "failed", "unknown"];
const steps = (change: { status?: "awaiting" | "voided"; charged?: bigint }, now: number) =>
  states.map((state) =>
    payOrderStep({ status: "awaiting", charged: 0n, expiresAt: 15 * minute, ...change }, state, now),
  );

test("an order that is waited for is settled when it is paid, and left alone otherwise", () => {
  assert.deepEqual(steps({}, 0), ["wait", "wait", "settle", "settle", "end", "wait", "wait"]);
  // The half minute in which its order closes it.
  assert.deepEqual(steps({}, 15 * minute + 29_999), steps({}, 0));
});

test("one that is expired is closed, or ends when there is nothing to close; a payment that is being made is let finish", () => {
  assert.deepEqual(steps({}, 15 * minute + 30_000), ["close", "wait", "settle", "settle", "end", "close", "end"]);
  assert.deepEqual(steps({}, 75 * minute), ["close", "close", "settle", "settle", "end", "close", "end"]);
});

test("one that is not wanted is closed at once; one that may just be being created is waited for", () => {
  assert.deepEqual(steps({ status: "voided" }, 0), ["close", "wait", "settle", "settle", "end", "close", "wait"]);
});

test("of one that is booked nothing is left to ask", () => {
  assert.deepEqual(
    steps({ charged: 1n }, 0),
    states.map(() => "end"),
  );
});
