/** Times between arrivals, or of services, that remember nothing: exponential with this mean. `draw` is in [0, 1). */
export function exponential(mean: number, draw: () => number): number {
  return -mean * Math.log(1 - draw());
}

/** The value below which this share of all lie; NaN of none. Sorts in place. */
export function percentile(values: number[] | Float64Array, share: number): number {
  values.sort((a, b) => a - b);
  return values[Math.min(values.length - 1, Math.floor(values.length * share))] ?? Number.NaN;
}
