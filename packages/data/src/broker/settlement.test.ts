import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { backoffMs } from "./backoff.js";
import { type Claim, settle } from "./settlement.js";

const backoff = { initialMs: 100, maxMs: 5000 };
const claim = (attempt: number): Claim => ({ deliveryId: 1, groupId: 1, seq: 1, key: "k", attempt });

test("the backoff grows, is bounded, and never below half of its full length", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 2000 }),
      fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
      (attempt, random) => {
        const wait = backoffMs(backoff, attempt, random);
        assert.ok(wait >= 50 && wait <= 5000);
        assert.ok(backoffMs(backoff, attempt + 1, random) >= wait);
      },
    ),
  );
  assert.equal(backoffMs({ initialMs: 10, maxMs: 1000, factor: 10 }, 2, 0), 50);
});

test("a message ends acknowledged or buried within its attempts, whatever its handlers do", () => {
  const outcome = fc.constantFrom("done", "failed", "expired", "released");
  fc.assert(
    fc.property(
      fc.array(outcome, { minLength: 1, maxLength: 40 }),
      fc.integer({ min: 1, max: 10 }),
      (outcomes, maxAttempts) => {
        let attempt = 0;
        let counted = 0;
        for (const type of outcomes) {
          attempt++;
          const settlement = settle(claim(attempt), { type, error: "no" }, { maxAttempts, backoff }, 1000, 0.5);
          if (type === "done") return assert.equal(settlement.type, "acknowledge");
          if (type !== "released") counted++;
          if (settlement.type !== "return") return assert.equal(counted, maxAttempts);
          assert.ok(counted < maxAttempts);
          assert.equal(settlement.attempt, counted);
          assert.ok(type === "failed" ? settlement.dueAt > 1000 : settlement.dueAt === 1000);
          attempt = settlement.attempt;
        }
      },
    ),
  );
});
