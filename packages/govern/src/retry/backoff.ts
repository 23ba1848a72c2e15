export interface BackoffPolicy {
  readonly baseMs: number;
  readonly maxMs: number;
  readonly factor: number;
  readonly jitter: "full" | "equal" | "none" | "decorrelated";
}

/**
 * The wait in ms before retry `retry` (1 is the first), between 0 and `maxMs`. `previousMs` is the wait before that, 0
 * at first. The kinds of jitter are those of AWS's "Exponential Backoff And Jitter" (M. Brooker, 2015).
 */
export function backoffMs(policy: BackoffPolicy, retry: number, previousMs: number, random: number): number {
  const { baseMs, maxMs, factor, jitter } = policy;
  if (jitter === "decorrelated") {
    const upTo = Math.max(baseMs, previousMs * 3);
    return Math.min(maxMs, baseMs + random * (upTo - baseMs));
  }
  // 0 times infinity is not a number.
  const wait = baseMs === 0 ? 0 : Math.min(maxMs, baseMs * factor ** (retry - 1));
  if (jitter === "none") return wait;
  return jitter === "full" ? random * wait : wait / 2 + random * (wait / 2);
}
