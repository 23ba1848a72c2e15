export interface Point {
  readonly x: number;
  readonly y: number;
}

/** The slope of a line through points and the half width of its 95 % confidence interval. */
export interface Slope {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/** Ordinary least squares; the interval is Student's, with two degrees of freedom less than there are points. */
export function slopeOf(points: readonly Point[]): Slope {
  const n = points.length;
  if (n < 3) throw new RangeError("a slope with an interval needs three points");
  const meanX = points.reduce((sum, { x }) => sum + x, 0) / n;
  const meanY = points.reduce((sum, { y }) => sum + y, 0) / n;
  let xx = 0;
  let xy = 0;
  for (const { x, y } of points) {
    xx += (x - meanX) ** 2;
    xy += (x - meanX) * (y - meanY);
  }
  const value = xy / xx;
  const residual = points.reduce((sum, { x, y }) => sum + (y - meanY - value * (x - meanX)) ** 2, 0);
  const half = studentQuantile(n - 2) * Math.sqrt(residual / (n - 2) / xx);
  return { value, low: value - half, high: value + half };
}

/**
 * The 97.5 % quantile of Student's t distribution, by the Cornish-Fisher expansion around the normal quantile
 * (Abramowitz and Stegun 26.7.5); within 0.1 % from 5 degrees of freedom on.
 */
function studentQuantile(freedom: number): number {
  const z = 1.959964;
  const first = (z ** 3 + z) / 4;
  const second = (5 * z ** 5 + 16 * z ** 3 + 3 * z) / 96;
  const third = (3 * z ** 7 + 19 * z ** 5 + 17 * z ** 3 - 15 * z) / 384;
  return z + first / freedom + second / freedom ** 2 + third / freedom ** 3;
}
