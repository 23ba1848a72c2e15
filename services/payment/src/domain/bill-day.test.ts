import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { billDays, minutesOfDay, offsetMinutes } from "./bill-day.js";

const china = billDays(480);

test("a day begins at midnight where the platform is", () => {
  assert.equal(china.of(Date.parse("2026-11-20T15:59:59.999Z")), "2026-11-20");
  assert.equal(china.of(Date.parse("2026-11-20T16:00:00Z")), "2026-11-21");
  assert.equal(china.minuteOf(Date.parse("2026-11-20T16:00:00Z")), 0);
  assert.equal(china.minuteOf(Date.parse("2026-11-20T02:29:59Z")), 10 * 60 + 29);
  assert.equal(billDays(-300).of(Date.parse("2026-11-20T04:59:59Z")), "2026-11-19");
});

test("every moment lies in the range of its day, and of no other", () => {
  const moments = fc.integer({ min: 0, max: 4_000_000_000_000 });
  fc.assert(
    fc.property(moments, fc.integer({ min: -840, max: 840 }), (moment, offset) => {
      const days = billDays(offset);
      const { from, to } = days.range(days.of(moment));
      assert.ok(from <= moment && moment < to);
      assert.equal(days.minuteOf(moment), Math.floor((moment - from) / 60_000));
    }),
  );
});

test("days are counted over months and years", () => {
  assert.equal(china.after("2026-12-31", 1), "2027-01-01");
  assert.equal(china.after("2028-03-01", -1), "2028-02-29");
});

test("what is no day is refused", () => {
  for (const date of ["2026-02-30", "2026-13-01", "2026-11-20x", "", "20261120"]) {
    assert.throws(() => china.range(date), { reason: "DAY_INVALID" }, date);
  }
});

test("settings are read as minutes", () => {
  assert.deepEqual(["+08:00", "-05:30", "+00:00"].map(offsetMinutes), [480, -330, 0]);
  assert.deepEqual(["00:00", "10:30", "23:59"].map(minutesOfDay), [0, 630, 1439]);
});
