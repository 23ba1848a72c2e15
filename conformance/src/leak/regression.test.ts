import assert from "node:assert/strict";
import { test } from "node:test";
import { seededRandom } from "@sampan/testkit";
import { slopeOf } from "./regression.js";

test("a straight line has its slope and no width", () => {
  const { value, low, high } = slopeOf([0, 1, 2, 3, 4].map((x) => ({ x, y: 3 * x + 7 })));
  assert.ok(Math.abs(value - 3) < 1e-12 && high - low < 1e-9);
});

test("the interval holds the true slope about 95 times in a hundred", () => {
  const random = seededRandom(1);
  const noise = (): number => Array.from({ length: 12 }, random).reduce((sum, each) => sum + each, -6);
  let held = 0;
  for (let run = 0; run < 2000; run++) {
    const { low, high } = slopeOf(Array.from({ length: 20 }, (_, x) => ({ x, y: 5 * x + 40 * noise() })));
    if (low <= 5 && 5 <= high) held++;
  }
  assert.ok(held > 1870 && held < 1930, `${held} of 2000`);
});

test("too few points are refused", () => {
  assert.throws(() => slopeOf([{ x: 1, y: 1 }]), RangeError);
});
