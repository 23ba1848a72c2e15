import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { MiniProgramErrors } from "../../errors.js";
import { fen, yuan } from "./yuan.js";

test("every amount is read as it was written", () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 1n, max: 10_000_000_000n }), (amount) => {
      assert.equal(fen(yuan(amount, "CNY")), amount);
    }),
  );
  assert.equal(yuan(1n, "CNY"), "0.01");
  assert.equal(yuan(10_000_000_000n, "CNY"), "100000000.00");
});

test("what the platform cannot take is said before anything is sent", () => {
  for (const amount of [0n, -1n, 10_000_000_001n]) {
    assert.throws(
      () => yuan(amount, "CNY"),
      (error) => MiniProgramErrors.AMOUNT_UNSUPPORTED.is(error),
    );
  }
  assert.throws(
    () => yuan(1n, "USD"),
    (error) => MiniProgramErrors.CURRENCY_UNSUPPORTED.is(error),
  );
});

test("only amounts of yuan are amounts", () => {
  assert.equal(fen("88"), 8800n);
  assert.equal(fen("88.8"), 8880n);
  for (const text of [undefined, "", "1.234", "-1", "1,00", "1e3", ".5", "1."]) assert.equal(fen(text), undefined);
});
