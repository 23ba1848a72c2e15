/** How long to wait before a process that ended is started again. */
export interface RestartPolicy {
  /** Before the first restart, ms. */
  readonly firstMs: number;
  /** Never longer, ms. */
  readonly longestMs: number;
  /** A process that ran so long was well: counting starts anew, ms. */
  readonly stableMs: number;
}

export const defaultRestarts: RestartPolicy = { firstMs: 100, longestMs: 10_000, stableMs: 30_000 };

/** How often a process ended in a row, and the wait before the next start: doubled each time. */
export function nextRestart(
  policy: RestartPolicy,
  failuresBefore: number,
  ranMs: number,
): { readonly failures: number; readonly waitMs: number } {
  const failures = ranMs >= policy.stableMs ? 1 : failuresBefore + 1;
  return { failures, waitMs: Math.min(policy.longestMs, policy.firstMs * 2 ** (failures - 1)) };
}
