import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { expiryStage } from "./expiry.js";

const hour = 3_600_000;
const validity = { notBefore: 0, notAfter: hour };

test("nothing is told before a quarter of the life is left: renewal is due at half", () => {
  assert.deepEqual(expiryStage(validity, 0), { stage: 0, isExpired: false, nextAt: (hour * 3) / 4 });
  assert.equal(expiryStage(validity, (hour * 3) / 4 - 1).stage, 0);
  assert.equal(expiryStage(validity, (hour * 3) / 4).stage, 1);
});

test("stages come with each halving of what is left, and the end is the last", () => {
  const seen: number[] = [];
  let at: number | undefined = 0;
  while (at !== undefined) {
    const { stage, nextAt } = expiryStage(validity, at);
    seen.push(stage);
    at = nextAt;
  }
  assert.deepEqual(seen, [0, 1, 2, 3, 4, 5, 6, 7]);
  assert.equal(expiryStage(validity, hour).isExpired, true);
  assert.equal(expiryStage(validity, hour - 1).isExpired, false);
});

test("whatever the life, each stage ends later than it is asked, and time never leads back", () => {
  fc.assert(
    fc.property(fc.nat(2 ** 40), fc.integer({ min: 1, max: 2 ** 36 }), fc.nat(2 ** 37), (notBefore, life, after) => {
      const certificate = { notBefore, notAfter: notBefore + life };
      const now = notBefore + after;
      const { stage, isExpired, nextAt } = expiryStage(certificate, now);
      assert.equal(isExpired, now >= certificate.notAfter);
      if (nextAt === undefined) return assert.ok(isExpired);
      assert.ok(nextAt > now && nextAt <= certificate.notAfter);
      assert.ok(expiryStage(certificate, nextAt).stage > stage);
    }),
  );
});
