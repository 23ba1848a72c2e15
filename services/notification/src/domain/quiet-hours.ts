/** A part of every day, such as 22:00 to 08:00, in minutes of the local day; `from` later than `to` goes over midnight. */
export interface QuietHours {
  readonly from: number;
  readonly to: number;
  /** IANA name. */
  readonly timeZone: string;
}

const form = /^([01][0-9]|2[0-3]):([0-5][0-9])-([01][0-9]|2[0-3]):([0-5][0-9])$/;
const day = 24 * 60;
const minute = 60_000;

/** `22:00-08:00`; undefined for an empty text, which means never. Throws `TypeError` for anything else. */
export function parseQuietHours(text: string, timeZone: string): QuietHours | undefined {
  if (!isTimeZone(timeZone)) throw new TypeError(`there is no time zone ${timeZone}`);
  if (text === "") return undefined;
  const found = form.exec(text);
  if (found === null) throw new TypeError(`quiet hours are written 22:00-08:00, not ${text}`);
  const [fromHour, fromMinute, toHour, toMinute] = found.slice(1).map(Number) as [number, number, number, number];
  const [from, to] = [fromHour * 60 + fromMinute, toHour * 60 + toMinute];
  if (from === to) throw new TypeError("quiet hours that end when they begin would be all day or never");
  return { from, to, timeZone };
}

export function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat("en", { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

/**
 * When what is not urgent may be sent: `now`, or the end of the quiet hours. Local time may jump within them: what counts is
 * what the clock on the wall shows, so the end is the first minute at which it shows a time outside.
 */
export function quietUntil(now: number, hours: QuietHours): number {
  let quiet = Math.floor(now / minute);
  if (!isQuiet(quiet, hours)) return now;
  // As long as it takes when no clock is changed; when one is, it is too far (look back) or not far enough (go on).
  let loud = quiet;
  do {
    quiet = loud;
    loud = quiet + Math.max(1, (hours.to - minuteOfDay(quiet, hours.timeZone) + day) % day);
  } while (isQuiet(loud, hours));
  while (loud - quiet > 1) {
    const middle = quiet + Math.floor((loud - quiet) / 2);
    if (isQuiet(middle, hours)) quiet = middle;
    else loud = middle;
  }
  return loud * minute;
}

/** Minutes since the epoch. */
function isQuiet(at: number, { from, to, timeZone }: QuietHours): boolean {
  const local = minuteOfDay(at, timeZone);
  return from < to ? local >= from && local < to : local >= from || local < to;
}

const formats = new Map<string, Intl.DateTimeFormat>();

function minuteOfDay(at: number, timeZone: string): number {
  let format = formats.get(timeZone);
  if (format === undefined) {
    format = new Intl.DateTimeFormat("en-GB", { timeZone, hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
    // Templates and tenants name zones, and there are some six hundred.
    if (formats.size >= 1000) formats.clear();
    formats.set(timeZone, format);
  }
  const [hour, minutes] = format
    .format(at * minute)
    .split(":")
    .map(Number) as [number, number];
  return hour * 60 + minutes;
}
