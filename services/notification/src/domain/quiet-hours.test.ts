import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { parseQuietHours, type QuietHours, quietUntil } from "./quiet-hours.js";

const at = (text: string): number => Date.parse(text);
const hours = (text: string, timeZone: string): QuietHours => parseQuietHours(text, timeZone) as QuietHours;
const until = (now: string, text: string, timeZone: string): string =>
  new Date(quietUntil(at(now), hours(text, timeZone))).toISOString();

const night = "22:00-08:00";
for (const [what, now, end, text, timeZone] of [
  ["a minute before", "2026-11-21T21:59:59.999+08:00", "2026-11-21T21:59:59.999+08:00", night, "Asia/Shanghai"],
  ["at the beginning", "2026-11-21T22:00:00+08:00", "2026-11-22T08:00:00+08:00", night, "Asia/Shanghai"],
  ["before midnight", "2026-11-21T23:59:59.999+08:00", "2026-11-22T08:00:00+08:00", night, "Asia/Shanghai"],
  ["after midnight", "2026-11-22T00:00:00+08:00", "2026-11-22T08:00:00+08:00", night, "Asia/Shanghai"],
  ["a moment before the end", "2026-11-22T07:59:59.999+08:00", "2026-11-22T08:00:00+08:00", night, "Asia/Shanghai"],
  ["at the end", "2026-11-22T08:00:00+08:00", "2026-11-22T08:00:00+08:00", night, "Asia/Shanghai"],
  ["over the end of a year", "2026-12-31T23:30:00+08:00", "2027-01-01T08:00:00+08:00", night, "Asia/Shanghai"],
  ["within a day", "2026-11-21T13:30:00+08:00", "2026-11-21T14:00:00+08:00", "12:00-14:00", "Asia/Shanghai"],
  ["outside, within a day", "2026-11-21T14:00:00+08:00", "2026-11-21T14:00:00+08:00", "12:00-14:00", "Asia/Shanghai"],
  ["a zone of half hours", "2026-11-21T23:10:00+05:30", "2026-11-22T08:00:00+05:30", night, "Asia/Kolkata"],
  // Clocks go forward at 02:00 on 8 March 2026 in New York: the night is an hour shorter.
  ["clocks going forward", "2026-03-07T23:00:00-05:00", "2026-03-08T08:00:00-04:00", night, "America/New_York"],
  // The end, 02:30, is not on any clock: the first time after it is 03:00.
  [
    "an end that is left out",
    "2026-03-08T01:00:00-05:00",
    "2026-03-08T03:00:00-04:00",
    "22:00-02:30",
    "America/New_York",
  ],
  // And back at 02:00 on 1 November 2026: an hour longer.
  ["clocks going back", "2026-10-31T23:00:00-04:00", "2026-11-01T08:00:00-05:00", night, "America/New_York"],
  [
    "an end that comes twice",
    "2026-11-01T00:30:00-04:00",
    "2026-11-01T01:30:00-04:00",
    "22:00-01:30",
    "America/New_York",
  ],
  [
    "the hour that comes again",
    "2026-11-01T01:10:00-05:00",
    "2026-11-01T01:30:00-05:00",
    "22:00-01:30",
    "America/New_York",
  ],
  ["half an hour forward", "2026-10-04T00:00:00+10:30", "2026-10-04T08:00:00+11:00", night, "Australia/Lord_Howe"],
  ["London in spring", "2026-03-28T22:30:00Z", "2026-03-29T07:00:00Z", night, "Europe/London"],
  ["London in autumn", "2026-10-24T22:30:00+01:00", "2026-10-25T08:00:00Z", night, "Europe/London"],
] as const) {
  test(`quiet hours: ${what}`, () => {
    assert.equal(until(now, text, timeZone), new Date(end).toISOString());
  });
}

test("what comes out is never quiet, never earlier, and the first such minute", () => {
  const zone = fc.constantFrom(
    "Asia/Shanghai",
    "America/New_York",
    "Europe/London",
    "Australia/Lord_Howe",
    "Asia/Kolkata",
  );
  const minute = fc.integer({ min: 0, max: 1439 });
  const now = fc.integer({ min: at("2026-01-01T00:00:00Z"), max: at("2027-12-31T00:00:00Z") });
  fc.assert(
    fc.property(zone, minute, minute, now, (timeZone, from, to, start) => {
      fc.pre(from !== to);
      const quiet = { from, to, timeZone };
      const end = quietUntil(start, quiet);
      assert.equal(quietUntil(end, quiet), end);
      assert.ok(end >= start && end <= start + 26 * 3_600_000);
      if (end > start) assert.ok(quietUntil(end - 60_000, quiet) > end - 60_000, "a minute before is quiet");
    }),
    { numRuns: 200 },
  );
});

test("what cannot be quiet hours is refused", () => {
  assert.equal(parseQuietHours("", "Asia/Shanghai"), undefined);
  for (const text of ["22-8", "24:00-08:00", "22:60-08:00", "08:00-08:00", " 22:00-08:00", "22:00–08:00"])
    assert.throws(() => parseQuietHours(text, "Asia/Shanghai"), TypeError, text);
  assert.throws(() => parseQuietHours("", "Mars/Olympus"), /no time zone Mars/);
});
