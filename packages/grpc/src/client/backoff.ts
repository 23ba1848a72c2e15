import type { ReconnectOptions } from "../options.js";

export interface BackoffPolicy {
  readonly initialMs: number;
  readonly maxMs: number;
  readonly factor: number;
  readonly jitter: number;
}

export function backoffPolicy(given: ReconnectOptions = {}): BackoffPolicy {
  return {
    initialMs: given.initialMs ?? 100,
    maxMs: given.maxMs ?? 20_000,
    factor: given.factor ?? 1.6,
    jitter: given.jitter ?? 0.2,
  };
}

/** The wait after so many failures in a row (1 or more); `random` is in [0, 1) and spreads clients apart. */
export function backoffMs(policy: BackoffPolicy, failures: number, random: number): number {
  const wait = Math.min(policy.maxMs, policy.initialMs * policy.factor ** (failures - 1));
  return wait * (1 + policy.jitter * (2 * random - 1));
}
