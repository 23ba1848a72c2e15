const unitMs = { d: 86_400_000, h: 3_600_000, m: 60_000, s: 1000, ms: 1 } as const;
const units = Object.keys(unitMs) as (keyof typeof unitMs)[];
/** Six decimals at most: with more, a day times the fraction would leave the exact integers. */
const part = /(\d{1,16})(?:\.(\d{1,6}))?(ms|s|m|h|d)/y;

/**
 * Milliseconds of `500ms`, `15m`, `1h30m`, `1.5s` or `0`; undefined for anything else, for a fraction of a
 * millisecond, and for more than a safe integer. Units go from large to small and each is used once.
 */
export function parseDuration(text: string): number | undefined {
  if (text === "0") return 0;
  let total = 0;
  let last = -1;
  part.lastIndex = 0;
  while (part.lastIndex < text.length) {
    const match = part.exec(text);
    if (match === null) return undefined;
    const [, whole = "", fraction = "", name] = match;
    const rank = units.indexOf(name as keyof typeof unitMs);
    if (rank <= last) return undefined;
    last = rank;
    const unit = unitMs[name as keyof typeof unitMs];
    const scale = 10 ** fraction.length;
    // Whole numbers throughout, because 1.1 * 1000 is not 1100.
    const parts = fraction === "" ? 0 : Number(fraction) * unit;
    if (parts % scale !== 0) return undefined;
    total += Number(whole) * unit + parts / scale;
    if (!Number.isSafeInteger(total)) return undefined;
  }
  return last === -1 ? undefined : total;
}

/** The shortest text of whole units that `parseDuration` reads back: `1h30m`. For whole milliseconds from 0. */
export function formatDuration(ms: number): string {
  if (ms === 0) return "0";
  let left = ms;
  let text = "";
  for (const name of units) {
    const count = Math.floor(left / unitMs[name]);
    if (count > 0) text += `${count}${name}`;
    left -= count * unitMs[name];
  }
  return text;
}
