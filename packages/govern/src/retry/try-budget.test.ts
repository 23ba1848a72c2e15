import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { TryBudget } from "./try-budget.js";

test("starts full, is paid for by calls and by time, and saves up no more than the burst", () => {
  const budget = new TryBudget({ ratio: 0.1, minPerSecond: 1, burst: 2 });
  assert.deepEqual(
    [0, 0, 0].map((now) => budget.withdraw(now)),
    [true, true, false],
  );
  for (let i = 0; i < 9; i++) budget.deposit();
  assert.equal(budget.withdraw(0), false);
  budget.deposit();
  assert.equal(budget.withdraw(0), true);
  assert.equal(budget.withdraw(999), false);
  assert.equal(budget.withdraw(1000), true);
  assert.deepEqual(
    [100_000, 100_000, 100_000].map((now) => budget.withdraw(now)),
    [true, true, false],
  );
});

test("a reload keeps what is saved up, as far as the new limit allows", () => {
  const budget = new TryBudget({ ratio: 0, minPerSecond: 0, burst: 5 });
  budget.withdraw(0);
  budget.reload({ ratio: 0, minPerSecond: 0, burst: 10 });
  assert.equal(budget.tokens, 4);
  budget.reload({ ratio: 0, minPerSecond: 0, burst: 1 });
  assert.equal(budget.tokens, 1);
});

test("property: never below zero, never above the burst, and extra tries keep to the bound", () => {
  const policy = fc.record({
    ratio: fc.double({ min: 0, max: 2, noNaN: true }),
    minPerSecond: fc.double({ min: 0, max: 20, noNaN: true }),
    burst: fc.integer({ min: 1, max: 20 }),
  });
  const steps = fc.array(fc.oneof(fc.constant("call"), fc.constant("try"), fc.integer({ min: 0, max: 5000 })), {
    maxLength: 300,
  });
  fc.assert(
    fc.property(policy, steps, (policy, steps) => {
      const budget = new TryBudget(policy);
      let [now, calls, tries] = [0, 0, 0];
      for (const step of steps) {
        if (step === "call") {
          calls++;
          budget.deposit();
        } else if (step === "try") {
          if (budget.withdraw(now)) tries++;
        } else {
          now += step as number;
        }
        assert.ok(budget.tokens >= 0 && budget.tokens <= policy.burst);
        const bound = policy.burst + policy.ratio * calls + (policy.minPerSecond * now) / 1000;
        assert.ok(tries <= bound + 1e-6, `${tries} tries, at most ${bound}`);
      }
    }),
  );
});
