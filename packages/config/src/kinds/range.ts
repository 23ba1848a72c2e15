/** The limits of a kind whose values have an order, with the way it writes them. */
export interface Range {
  readonly min: number;
  readonly max: number;
  readonly show: (value: number) => string;
}

/** For the end of `accepts`: ` from 1m to 24h`, ` of at least 1`, ` of at most 10`, or nothing. */
export function describeRange({ min, max, show }: Range): string {
  const low = min !== Number.NEGATIVE_INFINITY;
  const high = max !== Number.POSITIVE_INFINITY;
  if (low && high) return ` from ${show(min)} to ${show(max)}`;
  if (low) return ` of at least ${show(min)}`;
  return high ? ` of at most ${show(max)}` : "";
}

/** What is wrong with a value outside the range; undefined inside. */
export function outside({ min, max, show }: Range, value: number): string | undefined {
  if (value < min) return `is less than ${show(min)}`;
  return value > max ? `is more than ${show(max)}` : undefined;
}
