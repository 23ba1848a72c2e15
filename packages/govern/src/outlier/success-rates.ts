/** What the comparison goes by. */
export interface Comparison {
  readonly stdevFactor: number;
  readonly minimumEndpoints: number;
}

/**
 * Which success rates (0 to 1) lie more than `stdevFactor` standard deviations below the mean of all. None when there
 * are too few to compare.
 */
export function standsOut(rates: readonly number[], { stdevFactor, minimumEndpoints }: Comparison): boolean[] {
  if (stdevFactor === 0 || rates.length < minimumEndpoints) return rates.map(() => false);
  const mean = rates.reduce((sum, rate) => sum + rate, 0) / rates.length;
  const variance = rates.reduce((sum, rate) => sum + (rate - mean) ** 2, 0) / rates.length;
  const least = mean - stdevFactor * Math.sqrt(variance);
  return rates.map((rate) => rate < least);
}
