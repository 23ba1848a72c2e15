import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { chinaTime, parseChinaTime } from "./china-time.js";

test("times are written in UTC+8, rounded down", () => {
  assert.equal(chinaTime(Date.parse("2026-12-31T16:00:00.999Z")), "2027-01-01 00:00:00");
  assert.equal(parseChinaTime("2027-01-01 00:00:00"), Date.parse("2026-12-31T16:00:00Z"));
});

test("every time of a whole second is read as it was written", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 4_000_000_000 }), (seconds) => {
      assert.equal(parseChinaTime(chinaTime(seconds * 1000)), seconds * 1000);
    }),
  );
});

test("what is no time is none", () => {
  for (const text of ["", "2026-02-30 00:00:00", "2026-01-01T00:00:00", "2026-01-01 24:00:00", "2026-1-1 0:0:0"]) {
    assert.equal(parseChinaTime(text), undefined, text);
  }
  assert.equal(parseChinaTime(undefined), undefined);
});
