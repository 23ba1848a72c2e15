import type { DailyWindow } from "./daily-window.js";
import { dateText, instantOf, wallTimeAt, weekdayOf } from "./zone.js";

/** Whether something that holds in windows holds at an instant, and when that may next change. */
export interface Activity {
  readonly active: boolean;
  /** The next instant to ask again, ms since the epoch; undefined when nothing changes any more. */
  readonly until: number | undefined;
}

/** How many days ahead a change is looked for; then asking again is due anyway. */
const horizonDays = 8;

/** Pure: an instant in, what holds then out. Without windows it always holds. */
export function activityAt(windows: readonly DailyWindow[], at: number): Activity {
  if (windows.length === 0) return { active: true, until: undefined };
  let active = false;
  let until: number | undefined;
  for (const window of windows) {
    const { day: today } = wallTimeAt(window.timezone, at);
    // Two days back, because a window that began yesterday can end today and a change of clocks can move that.
    for (let day = today - 2; day <= today + horizonDays; day++) {
      if (!beginsOn(window, day)) continue;
      const { start, end } = spanOn(window, day);
      if (start <= at && at < end) active = true;
      for (const change of [start, end]) if (change > at && (until === undefined || change < until)) until = change;
      if (start > at) break;
    }
    const again = at + horizonDays * 86_400_000;
    if (mayBeginAfter(window, today + horizonDays) && (until === undefined || until > again)) until = again;
  }
  return { active, until };
}

/** The instants between which a window that begins on a day holds; the end is outside. */
export function spanOn(window: DailyWindow, day: number): { readonly start: number; readonly end: number } {
  const { timezone, fromMinute, toMinute } = window;
  const start = instantOf(timezone, { day, minute: fromMinute });
  const end = instantOf(timezone, { day: day + Math.floor(toMinute / 1440), minute: toMinute % 1440 });
  return { start, end };
}

export function beginsOn(window: DailyWindow, day: number): boolean {
  return window.days.includes(weekdayOf(day)) && (window.dates === undefined || window.dates.includes(dateText(day)));
}

function mayBeginAfter(window: DailyWindow, day: number): boolean {
  return window.dates === undefined || window.dates.some((date) => date > dateText(day));
}
