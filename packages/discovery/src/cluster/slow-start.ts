/** How a new instance's share grows. */
export interface SlowStartPolicy {
  /** Until it has its full weight, in ms; 0 switches slow start off. */
  readonly windowMs: number;
  /** The share that it begins with, 0 to 1. */
  readonly from: number;
}

/** A new process compiles and fills its caches; half a minute is what Envoy's documentation suggests to begin with. */
export const defaultSlowStart: SlowStartPolicy = { windowMs: 30_000, from: 0.1 };

/** The part of its weight that an instance of this age takes, in (0, 1]. Grows evenly. */
export function warmth(ageMs: number, policy: SlowStartPolicy): number {
  if (ageMs >= policy.windowMs) return 1;
  return Math.max(0.001, policy.from + (1 - policy.from) * (Math.max(0, ageMs) / policy.windowMs));
}
