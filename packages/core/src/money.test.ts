import assert from "node:assert/strict";
import { test } from "node:test";
import { addMoney, MoneyErrors, maxMoney, multiplyMoney, sameMoney } from "./money.js";

const fen = (amount: bigint): { amount: bigint; currency: string } => ({ amount, currency: "CNY" });

test("money adds and multiplies within one currency and its limits", () => {
  assert.deepEqual(addMoney(fen(1n), fen(-3n)), fen(-2n));
  assert.deepEqual(multiplyMoney(fen(250n), 4n), fen(1000n));
  assert.ok(sameMoney(fen(1n), fen(1n)));
  assert.ok(!sameMoney(fen(1n), { amount: 1n, currency: "USD" }));
  assert.throws(
    () => addMoney(fen(1n), { amount: 1n, currency: "USD" }),
    (error) => MoneyErrors.CURRENCY_MISMATCH.is(error),
  );
  assert.deepEqual(addMoney(fen(maxMoney - 1n), fen(1n)), fen(maxMoney));
  for (const beyond of [() => addMoney(fen(maxMoney), fen(1n)), () => multiplyMoney(fen(-maxMoney), 2n)]) {
    assert.throws(beyond, (error) => MoneyErrors.AMOUNT_TOO_LARGE.is(error));
  }
});
