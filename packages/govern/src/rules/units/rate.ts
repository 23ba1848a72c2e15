const unitSeconds = { ms: 0.001, s: 1, m: 60, h: 3600, d: 86_400 } as const;

export const ratePattern: string = "^\\d{1,9}(\\.\\d{1,6})?/([1-9]\\d{0,8})?(ms|s|m|h|d)$";
const whole = /^(\d{1,9}(?:\.\d{1,6})?)\/([1-9]\d{0,8})?(ms|s|m|h|d)$/;

/** Calls per second of `500/s`, `30000/m` or `1/5s`; undefined for anything else. */
export function parseRate(text: string): number | undefined {
  const match = whole.exec(text);
  if (match === null) return undefined;
  const [, count, periods = "1", unit] = match;
  return Number(count) / (Number(periods) * unitSeconds[unit as keyof typeof unitSeconds]);
}

export function formatRate(perSecond: number): string {
  return `${Number(perSecond.toFixed(6))}/s`;
}
