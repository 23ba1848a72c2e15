import type { Tally } from "./tally.js";

/** What the command line asks of a suite; each takes what it understands. */
export interface SuiteOptions {
  /** The form that CI runs: fewer repetitions, every kind of case still there. */
  readonly short: boolean;
  /** How long the suites that have no natural end go on. */
  readonly seconds: number | undefined;
  /** Where random input starts from, to have a failure again. */
  readonly seed: number | undefined;
  /** Leaks on purpose, which shows that the gate of the leak kit fails. */
  readonly seedLeak: boolean;
}

export interface SuiteRun {
  /** A folder for what is built or fetched; git ignores it. */
  readonly cache: string;
  readonly tally: Tally;
  readonly options: SuiteOptions;
}

/** A suite adds one outcome for each case, and throws only when it cannot go on at all. */
export interface Suite {
  readonly name: string;
  readonly summary: string;
  /** Without Go it is counted as one skip. */
  readonly needsGo: boolean;
  run(run: SuiteRun): Promise<void>;
}
