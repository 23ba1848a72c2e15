/**
 * What a limiter says of one call, as a number so that nothing is allocated:
 *
 * - 0: admitted;
 * - above 0: admitted, and starts after so many ms; `ask` stands for "when the shared store has answered";
 * - below 0: refused; trying again makes sense after so many ms (without the sign).
 */
export type Verdict = number;

export const ask: Verdict = Number.POSITIVE_INFINITY;

/** Admits calls at some rate. Times are monotonic ms, and never go back from one call to the next. */
export interface Gate {
  take(now: number): Verdict;
  /** Whether it has no memory of past calls left, so that a new one would decide the same. */
  idle(now: number): boolean;
}
