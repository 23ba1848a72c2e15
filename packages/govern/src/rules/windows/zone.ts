/** A civil date as days since 1970-01-01, and the minute of that day: what a wall clock shows. */
export interface WallTime {
  readonly day: number;
  readonly minute: number;
}

const dayMs = 86_400_000;
const formats = new Map<string, Intl.DateTimeFormat>();

/** Throws `RangeError` for a zone that does not exist. */
function formatOf(timezone: string): Intl.DateTimeFormat {
  let format = formats.get(timezone);
  if (format === undefined) {
    format = new Intl.DateTimeFormat("en-US", {
      timeZone: timezone,
      calendar: "gregory",
      hourCycle: "h23",
      year: "numeric",
      month: "numeric",
      day: "numeric",
      hour: "numeric",
      minute: "numeric",
      second: "numeric",
    });
    formats.set(timezone, format);
  }
  return format;
}

export function isZone(timezone: string): boolean {
  try {
    formatOf(timezone);
    return true;
  } catch {
    return false;
  }
}

/** How far the zone's wall clock is ahead of UTC at an instant, in ms. */
function offsetAt(timezone: string, at: number): number {
  if (timezone === "UTC") return 0;
  const part: Record<string, number> = {};
  for (const { type, value } of formatOf(timezone).formatToParts(at)) part[type] = Number(value);
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = part;
  return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(at / 1000) * 1000;
}

export function wallTimeAt(timezone: string, at: number): WallTime {
  const wall = at + offsetAt(timezone, at);
  const day = Math.floor(wall / dayMs);
  return { day, minute: Math.floor((wall - day * dayMs) / 60_000) };
}

/**
 * The first instant at which the zone's wall clock shows a time or later: in the hour that spring skips that is when the
 * clocks go forward, and in the hour that autumn repeats the first of the two.
 */
export function instantOf(timezone: string, { day, minute }: WallTime): number {
  const wall = day * dayMs + minute * 60_000;
  // The zone is never more than a day from UTC, so one of these two offsets held just before and one just after.
  const before = offsetAt(timezone, wall - dayMs);
  const after = offsetAt(timezone, wall + dayMs);
  const early = wall - before;
  if (before === after) return early;
  const late = wall - after;
  const candidates = [Math.min(early, late), Math.max(early, late)] as const;
  for (const at of candidates) if (at + offsetAt(timezone, at) === wall) return at;
  // The wall clock never shows it: the change lies between the two readings.
  let [low, high] = candidates;
  while (high - low > 1000) {
    const middle = Math.floor((low + high) / 2000) * 1000;
    if (middle + offsetAt(timezone, middle) >= wall) high = middle;
    else low = middle;
  }
  return high;
}

/** `2026-11-11` of days since 1970-01-01. */
export function dateText(day: number): string {
  return new Date(day * dayMs).toISOString().slice(0, 10);
}

/** 0 is Sunday. */
export function weekdayOf(day: number): number {
  return (((day + 4) % 7) + 7) % 7;
}
