const chinaOffsetMs = 8 * 3_600_000;

/** Milliseconds since the epoch as Chinese platforms write times: `2026-11-21 18:30:05`, in UTC+8, rounded down. */
export function chinaTime(time: number): string {
  return new Date(time + chinaOffsetMs).toISOString().slice(0, 19).replace("T", " ");
}

/** The reverse; undefined for text of another form or a date that is none. */
export function parseChinaTime(text: string | undefined): number | undefined {
  if (text === undefined || !/^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}$/.test(text)) return undefined;
  const time = Date.parse(`${text.replace(" ", "T")}Z`) - chinaOffsetMs;
  // `Date.parse` makes 1 March of 30 February.
  return Number.isNaN(time) || chinaTime(time) !== text ? undefined : time;
}
