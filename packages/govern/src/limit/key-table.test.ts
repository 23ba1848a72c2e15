import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { KeyTable } from "./key-table.js";
import { PacedBucket } from "./paced-bucket.js";

const table = (maxKeys: number, rate = 10, burst = 2) =>
  new KeyTable(maxKeys, () => new PacedBucket(rate, burst, 0), new PacedBucket(rate, burst, 0));

test("each key has the rate for itself", () => {
  const keys = table(10);
  assert.deepEqual([keys.take("a", 0), keys.take("a", 0), keys.take("b", 0)], [0, 0, 0]);
  assert.ok(keys.take("a", 0) < 0);
  assert.equal(keys.take("b", 0), 0);
});

test("a full table forgets the longest unused idle key, and never one in use", () => {
  const keys = table(3);
  for (const key of ["a", "b", "c"]) keys.take(key, 0);
  keys.take("a", 0);
  assert.equal(keys.take("d", 0), 0, "through the overflow gate");
  assert.equal(keys.overflowed, 1);
  assert.ok(keys.take("a", 50) < 0, "a is remembered");
  keys.take("e", 500);
  assert.equal(keys.overflowed, 1, "b was idle and made room");
  assert.equal(keys.size, 3);
});

test("a flood of invented keys gets the table's bursts and one key's rate", () => {
  const keys = table(100, 10, 2);
  keys.take("hot", 0);
  let admitted = 0;
  for (let i = 0; i < 100_000; i++) {
    const now = i / 1000;
    if (i % 100 === 0) keys.take("hot", now);
    if (keys.take(`flood ${i}`, now) === 0) admitted++;
  }
  // 100 ms: 99 keys are let in once, and the overflow gate gives its burst and its rate.
  assert.ok(admitted <= 99 + 2 + 2, `${admitted}`);
  assert.ok(keys.take("hot", 99.999) < 0, "the key in use is still known, and has used its rate");
});

test("whatever is asked, the table keeps its bound and each key its rate", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 5 }),
      fc.array(fc.tuple(fc.nat(8), fc.nat(200)), { maxLength: 200 }),
      (maxKeys, steps) => {
        const keys = table(maxKeys, 10, 2);
        const admitted = new Map<number, number>();
        let now = 0;
        for (const [key, gap] of steps) {
          now += gap;
          if (keys.take(`${key}`, now) === 0) admitted.set(key, (admitted.get(key) ?? 0) + 1);
          assert.ok(keys.size <= maxKeys);
        }
        // A key may go through its own gate and the overflow gate.
        for (const count of admitted.values()) assert.ok(count <= 2 * ((10 * now) / 1000 + 2));
      },
    ),
  );
});
