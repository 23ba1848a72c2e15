import assert from "node:assert/strict";
import { test } from "node:test";
import { boundariesOf } from "@sampan/data";
import { createFakeClock } from "@sampan/testkit";
import { placeOrderSaga } from "./place-order.js";
import { refundOrderSaga } from "./refund-order.js";

const unused = () => {
  throw new Error("nothing runs here");
};
const deps = { store: { order: unused, refund: unused }, change: unused, stepTimeoutMs: 1, clock: createFakeClock() };

const forward = (step: string) => ["before-run", "after-run", "after-commit"].map((point) => `${step}:${point}`);
const back = (step: string) =>
  ["before-compensate", "after-compensate", "after-compensate-commit"].map((point) => `${step}:${point}`);

/**
 * The crash test of packages/cli kills the process at each of these. A step that is added here is added there, with a
 * scenario that reaches it.
 */
test("these are the points at which an order can be interrupted", () => {
  assert.deepEqual(boundariesOf(placeOrderSaga(deps)), [
    ...["reserve", "charge", "pay-order"].flatMap((step) => [
      ...forward(`place-order/${step}`),
      ...back(`place-order/${step}`),
    ]),
    "place-order/payment:before-attend",
    "place-order/payment:after-attend-commit",
    ...forward("place-order/confirm"),
  ]);
  assert.deepEqual(boundariesOf(refundOrderSaga(deps)), [
    ...forward("refund-order/refund"),
    ...forward("refund-order/restock"),
  ]);
});
