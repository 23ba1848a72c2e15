import { beginsOn, spanOn } from "./activity.js";
import type { DailyWindow } from "./daily-window.js";

interface Span {
  readonly start: number;
  readonly end: number;
}

/** A leap year of days, on which windows without dates are compared: every weekday under every offset of its zone. */
const comparedFrom = Math.floor(Date.UTC(2028, 0, 1) / 86_400_000);
const comparedDays: readonly number[] = Array.from({ length: 366 }, (_, index) => comparedFrom + index);

/** Spans by day: the same windows are compared with many others. */
const known = new WeakMap<DailyWindow, Map<number, Span>>();

/** Whether two lists of windows ever hold at once; an empty list always holds. */
export function everOverlap(a: readonly DailyWindow[], b: readonly DailyWindow[]): boolean {
  if (a.length === 0 || b.length === 0) return true;
  return a.some((one) => b.some((other) => overlap(one, other)));
}

function overlap(a: DailyWindow, b: DailyWindow): boolean {
  const days = daysAround(a) ?? daysAround(b) ?? comparedDays;
  const left = spansOn(a, days);
  const right = spansOn(b, days);
  for (let i = 0, j = 0; i < left.length && j < right.length; ) {
    const x = left[i] as Span;
    const y = right[j] as Span;
    if (x.start < y.end && y.start < x.end) return true;
    if (x.end <= y.end) i++;
    else j++;
  }
  return false;
}

/** Where a window with dates can meet another: a window lasts up to two days, and zones are up to a day apart. */
function daysAround({ dates }: DailyWindow): number[] | undefined {
  if (dates === undefined) return undefined;
  const days = new Set<number>();
  for (const date of dates) {
    const day = Date.parse(`${date}T00:00Z`) / 86_400_000;
    for (let near = day - 3; near <= day + 3; near++) days.add(near);
  }
  return [...days].sort((x, y) => x - y);
}

function spansOn(window: DailyWindow, days: readonly number[]): Span[] {
  let byDay = known.get(window);
  if (byDay === undefined) {
    byDay = new Map();
    known.set(window, byDay);
  }
  const spans: Span[] = [];
  for (const day of days) {
    if (!beginsOn(window, day)) continue;
    let span = byDay.get(day);
    if (span === undefined) {
      span = spanOn(window, day);
      byDay.set(day, span);
    }
    // A window inside the hour that spring skips is empty.
    if (span.start < span.end) spans.push(span);
  }
  return spans;
}
