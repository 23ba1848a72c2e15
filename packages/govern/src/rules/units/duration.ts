const unitMs = { d: 86_400_000, h: 3_600_000, m: 60_000, s: 1000, ms: 1 } as const;
const units = Object.keys(unitMs) as (keyof typeof unitMs)[];

/** What the JSON Schema asks of a duration: units from large to small, each at most once, at least one. */
export const durationPattern: string = `^(0|(?=\\d)${units.map((unit) => `(\\d{1,9}(\\.\\d{1,6})?${unit}(?![a-z]))?`).join("")})$`;
const whole = new RegExp(durationPattern);
const part = /(\d{1,9})(?:\.(\d{1,6}))?(ms|s|m|h|d)/g;

/**
 * Milliseconds of `500ms`, `1h30m`, `1.5s` or `0`; undefined for anything else. Fractions of a millisecond are
 * rounded to the nearest.
 */
export function parseDuration(text: string): number | undefined {
  if (!whole.test(text)) return undefined;
  let total = 0;
  for (const [, count = "", fraction = "", unit] of text.matchAll(part)) {
    total += Number(`${count}.${fraction}`) * unitMs[unit as keyof typeof unitMs];
  }
  return Math.round(total);
}

/** The shortest text of whole units that `parseDuration` reads back: `1m30s`. */
export function formatDuration(ms: number): string {
  let left = Math.round(ms);
  if (left === 0) return "0";
  let text = "";
  for (const unit of units) {
    const count = Math.floor(left / unitMs[unit]);
    if (count > 0) text += `${count}${unit}`;
    left -= count * unitMs[unit];
  }
  return text;
}
