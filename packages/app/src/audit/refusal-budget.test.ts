import assert from "node:assert/strict";
import { test } from "node:test";
import { RefusalBudget } from "./refusal-budget.js";

test("so many a second get an entry, and the next one says how many had none", () => {
  const budget = new RefusalBudget(2);
  assert.deepEqual([budget.take(0), budget.take(1), budget.take(2), budget.take(999)], [0, 0, undefined, undefined]);
  assert.equal(budget.take(1000), 2);
  assert.equal(budget.take(1001), 0);
  assert.equal(budget.take(1002), undefined);
});
