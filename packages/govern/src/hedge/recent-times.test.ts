import assert from "node:assert/strict";
import { test } from "node:test";
import { RecentTimes } from "./recent-times.js";

test("says nothing until enough calls are known, then the nearest rank of the last ones", () => {
  const recent = new RecentTimes(95);
  for (let i = 1; i < 32; i++) recent.add(i);
  assert.equal(recent.value, undefined);
  recent.add(32);
  assert.equal(recent.value, 31);
  for (let i = 0; i < 128; i++) recent.add(7);
  assert.equal(recent.value, 7);
});

test("another percentile counts at once", () => {
  const recent = new RecentTimes(95);
  for (let i = 1; i <= 100; i++) recent.add(i);
  for (let i = 101; i <= 112; i++) recent.add(1000);
  assert.equal(recent.value, 1000);
  recent.percentile = 50;
  assert.equal(recent.value, 56);
});
