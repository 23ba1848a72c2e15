/** What became of the calls of one run, as the generator saw it: those that were due in the measured time. */
export interface Outcome {
  readonly seconds: number;
  readonly offered: number;
  /** Answered before their deadline. */
  readonly inTime: number;
  readonly refused: number;
  /** Without an answer before the deadline. */
  readonly late: number;
  readonly failed: number;
  /** The first unexpected failure. */
  readonly failure: string;
  /** Of answers in time, from the moment a call was due, ms; null of none. */
  readonly p50: number | null;
  readonly p99: number | null;
  /** Of refusals. */
  readonly refusedP99: number | null;
  /** How long after it was due a call was sent, ms: high when the generator cannot keep up. */
  readonly sentP99: number | null;
}
