import assert from "node:assert/strict";
import { test } from "node:test";
import { Repeats } from "./repeats.js";

test("the first of a kind is told, then one each so often with how many there were in between", () => {
  const repeats = new Repeats(1000);
  assert.equal(repeats.note("a", 0), 0);
  assert.equal(repeats.note("a", 1), undefined);
  assert.equal(repeats.note("b", 2), 0);
  assert.equal(repeats.note("a", 999), undefined);
  assert.equal(repeats.note("a", 1000), 2);
  assert.equal(repeats.note("a", 1001), undefined);
});

test("of more kinds than it may keep the one that was told longest ago is forgotten", () => {
  const repeats = new Repeats(1000, 2);
  for (const kind of ["a", "b", "c"]) assert.equal(repeats.note(kind, 0), 0);
  assert.equal(repeats.note("b", 1), undefined);
  assert.equal(repeats.note("a", 1), 0);
});
