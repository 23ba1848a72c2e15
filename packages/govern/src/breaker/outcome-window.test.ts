import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { OutcomeWindow } from "./outcome-window.js";

test("property: the totals are those of the outcomes whose bucket is among the last", () => {
  const outcome = fc.record({ after: fc.integer({ min: 0, max: 400 }), failed: fc.boolean(), slow: fc.boolean() });
  fc.assert(
    fc.property(fc.array(outcome), fc.integer({ min: 1, max: 12 }), (outcomes, buckets) => {
      const bucketMs = 50;
      const window = new OutcomeWindow(bucketMs * buckets, buckets);
      const seen: { bucket: number; failed: boolean; slow: boolean }[] = [];
      let now = 1_000_000;
      for (const { after, failed, slow } of outcomes) {
        now += after;
        window.advance(now);
        window.add(failed, slow);
        const bucket = Math.floor(now / bucketMs);
        seen.push({ bucket, failed, slow });
        const held = seen.filter((each) => each.bucket > bucket - buckets);
        assert.deepEqual(
          [window.total, window.errors, window.slow],
          [held.length, held.filter((each) => each.failed).length, held.filter((each) => each.slow).length],
        );
      }
    }),
  );
});

test("time that goes back counts as the newest", () => {
  const window = new OutcomeWindow(100, 10);
  window.advance(1000);
  window.add(true, false);
  window.advance(10);
  window.add(true, false);
  assert.equal(window.errors, 2);
});
