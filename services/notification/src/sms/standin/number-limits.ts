/** How many messages one number gets, in windows that end now. */
export interface NumberLimits {
  readonly minute: number;
  readonly hour: number;
  readonly day: number;
}

/** What providers in China allow by default for notices. */
export const defaultNumberLimits: NumberLimits = { minute: 1, hour: 5, day: 10 };

const windows = [
  ["minute", 60_000],
  ["hour", 3_600_000],
  ["day", 86_400_000],
] as const;

/** The first window that one more message would break; `sent` are the times of those before, in any order. */
export function brokenLimit(
  sent: readonly number[],
  now: number,
  limits: NumberLimits,
): keyof NumberLimits | undefined {
  return windows.find(([name, ms]) => sent.filter((at) => at > now - ms).length >= limits[name])?.[0];
}
