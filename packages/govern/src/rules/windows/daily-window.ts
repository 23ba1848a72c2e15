/** A part of the day in a time zone, which may go on past midnight. */
export interface DailyWindow {
  /** Minutes after midnight, 0 to 1439. */
  readonly fromMinute: number;
  /** Minutes after the midnight before which it began: above 1440 when it ends on the next day. */
  readonly toMinute: number;
  readonly timezone: string;
  /** Days on which it begins, 0 is Sunday. */
  readonly days: readonly number[];
  /** Dates on which it begins, `2026-11-11`; undefined for every date. */
  readonly dates: readonly string[] | undefined;
}

export const dayNames = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"] as const;

/** `07:50` as minutes. */
function minutesOf(time: string): number {
  return Number(time.slice(0, 2)) * 60 + Number(time.slice(3));
}

/** `from` 23:00 `to` 01:00 ends on the next day; equal times are no window. */
export function windowOf(fields: {
  readonly from: string;
  readonly to: string;
  readonly timezone: string;
  readonly days: readonly string[];
  readonly dates?: readonly string[];
}): DailyWindow {
  const fromMinute = minutesOf(fields.from);
  const to = minutesOf(fields.to);
  return {
    fromMinute,
    toMinute: to < fromMinute ? to + 1440 : to,
    timezone: fields.timezone,
    days: fields.days.map((day) => dayNames.indexOf(day as (typeof dayNames)[number])),
    dates: fields.dates,
  };
}
