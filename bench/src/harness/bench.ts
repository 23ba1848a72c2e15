/** One measured value. Ours is `subject: "sampan"`; throughput is `metric: "throughput"`. */
export interface Row {
  readonly bench: string;
  readonly case: string;
  readonly subject: string;
  readonly metric: string;
  readonly value: number;
  readonly unit: string;
  /** What ours is compared with, measured in the same run. */
  readonly peer?: string;
  /** Ours to the peer's: above 1 is better where more is better. */
  readonly ratio?: number;
  /** What a reader must know of the value: a version, or that the load was the limit and not the subject. */
  readonly note?: string;
}

/** A measurement. It reports rows as it goes and rejects when it could not measure; it never makes up a value. */
export interface Bench {
  readonly name: string;
  /** A line for the list. */
  readonly summary: string;
  run(report: (row: Omit<Row, "bench">) => void, options?: BenchOptions): Promise<void>;
}

export interface BenchOptions {
  /** How often each subject is measured, where the bench lets itself be told; otherwise its own number. */
  readonly rounds?: number;
}
