import assert from "node:assert/strict";
import { test } from "node:test";
import { compareLine, type Entry, notOnBill } from "./difference.js";

function entry(change: Partial<Entry> = {}): Entry {
  const amount = { amount: 100n, currency: "CNY" };
  return { kind: "refund", reference: "r", orderId: "o", amount, state: "succeeded", transactionId: "42", ...change };
}

const kindOf = (ours: Entry | undefined, theirs: Entry, before = false) => compareLine(ours, theirs, before)?.kind;

test("what agrees is no difference", () => {
  assert.equal(kindOf(entry(), entry()), undefined);
  // Nothing is known of the number yet.
  assert.equal(kindOf(entry({ transactionId: "" }), entry()), undefined);
});

test("each difference is told by its kind, with both sides", () => {
  assert.equal(kindOf(undefined, entry()), "missing-here");
  assert.equal(kindOf(entry(), entry(), true), "duplicate");
  assert.equal(kindOf(entry(), entry({ amount: { amount: 99n, currency: "CNY" } })), "amount-differs");
  assert.equal(kindOf(entry(), entry({ amount: { amount: 100n, currency: "GBP" } })), "amount-differs");
  assert.equal(kindOf(entry(), entry({ orderId: "other" })), "reference-differs");
  assert.equal(kindOf(entry(), entry({ transactionId: "43" })), "reference-differs");
  const missing = notOnBill(entry());
  assert.deepEqual([missing.kind, missing.ours?.amount, missing.theirs], ["missing-there", 100n, undefined]);
  const here = compareLine(undefined, entry({ state: "processing" }), false);
  assert.deepEqual([here?.reference, here?.ours, here?.theirState], ["r", undefined, "processing"]);
});

test("a bill may be some hours behind us, never ahead of us", () => {
  const ours = ["asked", "processing", "succeeded", "closed", "abnormal"] as const;
  const theirs = ["processing", "succeeded", "closed", "abnormal"] as const;
  const agree = Object.fromEntries(
    theirs.map((told) => [
      told,
      ours.filter((state) => kindOf(entry({ state }), entry({ state: told })) !== "state-differs"),
    ]),
  );
  assert.deepEqual(agree, {
    processing: ["asked", "processing", "succeeded", "closed", "abnormal"],
    succeeded: ["succeeded"],
    closed: ["closed"],
    abnormal: ["succeeded", "abnormal"],
  });
  const unpaid = entry({ kind: "payment", state: "awaiting", transactionId: "" });
  assert.equal(kindOf(unpaid, entry({ kind: "payment" })), "state-differs");
});
