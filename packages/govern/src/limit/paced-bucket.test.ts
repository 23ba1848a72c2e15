import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { hintMs, PacedBucket } from "./paced-bucket.js";

test("a token bucket lets its burst through, then its rate", () => {
  const bucket = new PacedBucket(10, 3, 0);
  assert.deepEqual([bucket.take(0), bucket.take(0), bucket.take(0)], [0, 0, 0]);
  assert.equal(bucket.take(0), -100);
  assert.equal(bucket.take(99), -1);
  assert.equal(bucket.take(100), 0);
  assert.equal(bucket.take(100), -100);
  assert.equal(bucket.take(10_000), 0, "and never holds more than its burst");
  assert.deepEqual([bucket.take(10_000), bucket.take(10_000)], [0, 0]);
  assert.equal(bucket.take(10_000), -100);
});

test("a leaky bucket spaces calls evenly and refuses who would wait too long", () => {
  // cost = 1000·1/10 = 100 ms.
  const bucket = new PacedBucket(10, 1, 250);
  assert.deepEqual([bucket.take(0), bucket.take(0), bucket.take(0)], [0, 100, 200]);
  assert.equal(bucket.take(0), -300);
  assert.equal(bucket.take(50), 250, "250 ms is within the limit");
  assert.equal(bucket.take(149), -251);
});

test("the last call that waits gives its place back, an earlier one cannot", () => {
  const bucket = new PacedBucket(10, 1, 1000);
  bucket.take(0);
  bucket.take(0);
  bucket.take(0);
  bucket.giveBack(100);
  assert.equal(bucket.take(0), 300);
  bucket.giveBack(300);
  assert.equal(bucket.take(0), 300);
});

test("a reload keeps what is used", () => {
  const bucket = new PacedBucket(10, 10, 0);
  for (let i = 0; i < 10; i++) bucket.take(0);
  bucket.reload(100, 10, 0, 0);
  assert.equal(bucket.take(0), -10);
  bucket.reload(10, 2, 0, 0);
  assert.equal(bucket.tokens(0), 0, "used tokens are no more than the new size");
  assert.equal(bucket.take(100), 0);
});

test("a rate of 0 lets nothing through until it is raised", () => {
  const bucket = new PacedBucket(0, 1, 1000);
  assert.ok(hintMs(bucket.take(0)) > 1000);
  assert.ok(hintMs(bucket.take(1e9)) > 1000);
  bucket.reload(10, 1, 0, 1e9);
  assert.equal(bucket.take(1e9), 0);
});

test("in any window no more than rate·t + burst calls start, and a busy bucket loses no token", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 2000 }),
      fc.integer({ min: 1, max: 50 }),
      fc.integer({ min: 0, max: 300 }),
      fc.array(fc.double({ min: 0, max: 40, noNaN: true }), { minLength: 1, maxLength: 300 }),
      (rate, burst, maxWait, gaps) => {
        const bucket = new PacedBucket(rate, burst, maxWait);
        const starts: number[] = [];
        let now = 0;
        for (const gap of gaps) {
          now += gap;
          for (let i = 0; i < 3; i++) {
            const verdict = bucket.take(now);
            if (verdict >= 0) starts.push(now + verdict);
            else assert.ok(-verdict > maxWait);
          }
        }
        for (let i = 0; i < starts.length; i++) {
          for (let j = i; j < starts.length; j++) {
            const window = (starts[j] as number) - (starts[i] as number);
            assert.ok(j - i + 1 <= (rate * window) / 1000 + burst + 1e-3, `${j - i + 1} in ${window} ms`);
          }
        }
      },
    ),
  );
  const busy = new PacedBucket(1000, 10, 0);
  let admitted = 0;
  for (let now = 0; now <= 10_000; now += 0.25) if (busy.take(now) === 0) admitted++;
  assert.ok(admitted >= 10_000 && admitted <= 10_011, `${admitted}`);
});
