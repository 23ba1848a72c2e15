import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { activityAt } from "./activity.js";
import { type DailyWindow, dayNames, windowOf } from "./daily-window.js";
import { everOverlap } from "./overlap.js";
import { instantOf, isZone, wallTimeAt } from "./zone.js";

const at = (text: string): number => Date.parse(text);
const window = (from: string, to: string, more: Partial<Parameters<typeof windowOf>[0]> = {}): DailyWindow =>
  windowOf({ from, to, timezone: "UTC", days: dayNames, ...more });

/** The instants at which windows change, as texts, found by asking again and again. */
function changes(windows: readonly DailyWindow[], from: string, count: number): string[] {
  const found: string[] = [];
  let instant = at(from);
  let { active } = activityAt(windows, instant);
  while (found.length < count) {
    const { until } = activityAt(windows, instant);
    if (until === undefined) break;
    assert.ok(until > instant);
    instant = until;
    const next = activityAt(windows, instant).active;
    if (next !== active) found.push(`${next ? "+" : "-"}${new Date(instant).toISOString().slice(0, 16)}`);
    active = next;
  }
  return found;
}

describe("time windows", () => {
  it("hold from their first instant to just before their end, in their zone", () => {
    const signIn = [window("07:50", "08:30", { timezone: "Asia/Shanghai" })];
    const day = "2026-11-23T";
    const held = (time: string): boolean => activityAt(signIn, at(`${day}${time}Z`)).active;
    assert.deepEqual(
      ["23:49:59.999", "23:50:00.000"].map((time) => activityAt(signIn, at(`2026-11-22T${time}Z`)).active),
      [false, true],
    );
    assert.deepEqual([held("00:29:59.999"), held("00:30:00.000")], [true, false]);
  });

  it("tell the next change", () => {
    const windows = [window("08:00", "09:00", { days: ["mon", "fri"] }), window("08:30", "10:00", { days: ["mon"] })];
    assert.deepEqual(changes(windows, "2026-11-21T12:00Z", 4), [
      "+2026-11-23T08:00",
      "-2026-11-23T10:00",
      "+2026-11-27T08:00",
      "-2026-11-27T09:00",
    ]);
    assert.deepEqual(activityAt([], 0), { active: true, until: undefined });
  });

  it("go on past midnight, and are whole days up to 24:00", () => {
    assert.deepEqual(changes([window("23:00", "01:00", { days: ["sun"] })], "2026-11-21T12:00Z", 2), [
      "+2026-11-22T23:00",
      "-2026-11-23T01:00",
    ]);
    assert.deepEqual(changes([window("00:00", "24:00", { days: ["sat", "sun"] })], "2026-11-20T12:00Z", 2), [
      "+2026-11-21T00:00",
      "-2026-11-23T00:00",
    ]);
  });

  it("hold on dates only when they have some, however far away, and never again after the last", () => {
    const sale = [window("20:00", "23:00", { dates: ["2026-11-11", "2027-11-11"], timezone: "Asia/Shanghai" })];
    assert.deepEqual(changes(sale, "2026-01-01T00:00Z", 4), [
      "+2026-11-11T12:00",
      "-2026-11-11T15:00",
      "+2027-11-11T12:00",
      "-2027-11-11T15:00",
    ]);
    assert.equal(activityAt(sale, at("2028-01-01T00:00Z")).until, undefined);
  });

  it("follow the clock on the wall through the change to summer time and back", () => {
    const berlin = { timezone: "Europe/Berlin" };
    // 29 March 2026: 02:00 becomes 03:00. 25 October: 03:00 becomes 02:00.
    assert.deepEqual(changes([window("08:00", "09:00", berlin)], "2026-03-28T00:00Z", 4), [
      "+2026-03-28T07:00",
      "-2026-03-28T08:00",
      "+2026-03-29T06:00",
      "-2026-03-29T07:00",
    ]);
    // Starts in the hour that does not exist: when the clocks go forward.
    assert.deepEqual(changes([window("02:30", "04:00", berlin)], "2026-03-29T00:00Z", 2), [
      "+2026-03-29T01:00",
      "-2026-03-29T02:00",
    ]);
    // Wholly inside that hour: not on this day.
    assert.deepEqual(changes([window("02:10", "02:50", berlin)], "2026-03-28T12:00Z", 2), [
      "+2026-03-30T00:10",
      "-2026-03-30T00:50",
    ]);
    // The hour that comes twice: from the first time.
    assert.deepEqual(changes([window("02:30", "03:30", berlin)], "2026-10-25T00:00Z", 2), [
      "+2026-10-25T00:30",
      "-2026-10-25T02:30",
    ]);
  });

  it("agree with a reading of the wall clock at any instant, where no change of clocks is near", () => {
    const zones = fc.constantFrom("UTC", "Asia/Shanghai", "Asia/Kolkata", "America/St_Johns", "Pacific/Apia");
    const instants = fc.integer({ min: at("2026-05-01T00:00Z"), max: at("2026-09-01T00:00Z") });
    fc.assert(
      fc.property(
        zones,
        instants,
        fc.nat(1439),
        fc.integer({ min: 1, max: 1440 }),
        (timezone, instant, from, length) => {
          const whole: DailyWindow = {
            fromMinute: from,
            toMinute: Math.min(from + length, 1440),
            timezone,
            days: [0, 1, 2, 3, 4, 5, 6],
            dates: undefined,
          };
          const { minute } = wallTimeAt(timezone, instant);
          assert.equal(activityAt([whole], instant).active, minute >= from && minute < whole.toMinute);
        },
      ),
      { numRuns: 200 },
    );
  });

  it("find the instant that a wall clock shows, for every zone that knows it", () => {
    const zones = fc.constantFrom("Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Shanghai");
    const instants = fc.integer({ min: at("2026-01-01T00:00Z"), max: at("2027-01-01T00:00Z") });
    fc.assert(
      fc.property(zones, instants, (zone, instant) => {
        const minute = Math.floor(instant / 60_000) * 60_000;
        const found = instantOf(zone, wallTimeAt(zone, minute));
        // The first of two in autumn, itself otherwise.
        assert.ok(found <= minute && minute - found <= 3_600_000);
        assert.deepEqual(wallTimeAt(zone, found), wallTimeAt(zone, minute));
      }),
    );
  });

  it("know which zones there are", () => {
    assert.equal(isZone("Asia/Shanghai"), true);
    assert.equal(isZone("Mars/North"), false);
  });

  it("overlap exactly when both hold at some instant of a week", () => {
    const zones = fc.constantFrom("UTC", "Asia/Shanghai", "Asia/Kolkata");
    const any = fc
      .tuple(
        fc.nat(23),
        fc.integer({ min: 1, max: 20 }),
        zones,
        fc.uniqueArray(fc.nat(6), { minLength: 1, maxLength: 2 }),
      )
      .map(
        ([hour, length, timezone, days]): DailyWindow => ({
          fromMinute: hour * 60,
          toMinute: (hour + length) * 60,
          timezone,
          days,
          dates: undefined,
        }),
      );
    const start = at("2028-03-06T00:00Z");
    fc.assert(
      fc.property(any, any, (a, b) => {
        let both = false;
        // Half hours, because India is half an hour off.
        for (let step = 0; step < 7 * 48 && !both; step++) {
          const instant = start + step * 1_800_000;
          both = activityAt([a], instant).active && activityAt([b], instant).active;
        }
        assert.equal(everOverlap([a], [b]), both);
      }),
      { numRuns: 25 },
    );
  });
});
