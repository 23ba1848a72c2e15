import { PaymentErrors } from "./errors.js";

const dayMs = 86_400_000;
const minuteMs = 60_000;

/** Days of bills, `2026-11-20`, in a time zone that is always the same distance from UTC, in minutes. China has 480. */
export interface BillDays {
  /** The day in which a moment lies, ms since the epoch. */
  of(moment: number): string;
  /** From the first moment of a day to the first of the next. Throws `DAY_INVALID` for what is no day. */
  range(date: string): { readonly from: number; readonly to: number };
  /** So many days later. */
  after(date: string, days: number): string;
  /** The time of the day of a moment, in minutes. */
  minuteOf(moment: number): number;
}

export function billDays(offsetMinutes: number): BillDays {
  const offset = offsetMinutes * minuteMs;
  const of = (moment: number): string => new Date(moment + offset).toISOString().slice(0, 10);
  const range = (date: string) => {
    const midnight = Date.parse(`${date}T00:00:00Z`);
    // `Date.parse` takes 30 February as 2 March.
    if (Number.isNaN(midnight) || new Date(midnight).toISOString().slice(0, 10) !== date) {
      throw PaymentErrors.DAY_INVALID({ date, why: "it is no day of the calendar" });
    }
    return { from: midnight - offset, to: midnight - offset + dayMs };
  };
  return {
    of,
    range,
    after: (date, days) => of(range(date).from + days * dayMs),
    minuteOf: (moment) => Math.floor((((moment + offset) % dayMs) + dayMs) / minuteMs) % 1440,
  };
}

/** `+08:00` as minutes. */
export function offsetMinutes(text: string): number {
  const [, sign = "+", hours = "0", minutes = "0"] = /^([+-])(\d\d):(\d\d)$/.exec(text) ?? [];
  return (sign === "-" ? -1 : 1) * (Number(hours) * 60 + Number(minutes));
}

/** `10:30` as minutes. */
export function minutesOfDay(text: string): number {
  const [hours = "0", minutes = "0"] = text.split(":");
  return Number(hours) * 60 + Number(minutes);
}
