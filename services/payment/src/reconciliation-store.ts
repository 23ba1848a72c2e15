import type { Call } from "@sampan/core";
import type { Difference, DifferenceKind, Entry } from "./domain/difference.js";

/** Counts and sums of one side in one currency. */
export interface SideSums {
  readonly currency: string;
  readonly payments: bigint;
  readonly paid: bigint;
  readonly refunds: bigint;
  readonly refunded: bigint;
}

export interface ReconciliationResult {
  readonly bill: readonly SideSums[];
  /** What our books say must be on the day's bill. */
  readonly books: readonly SideSums[];
  /** Only kinds that were found. */
  readonly counts: ReadonlyMap<DifferenceKind, bigint>;
}

export interface Reconciliation {
  readonly day: string;
  /** `waiting`: for its turn, or for a bill that is not there yet. */
  readonly status: "waiting" | "running" | "done";
  /** Attempts since it was asked for. */
  readonly attempts: number;
  /** What the last attempt met. */
  readonly failure: string;
  /** Which run `result` and its differences are of; 0n before the first came to an end. */
  readonly shownRun: bigint;
  /** Milliseconds since the epoch. */
  readonly finishedAt: number | undefined;
  readonly result: ReconciliationResult | undefined;
}

/** A day that this process has taken up. Whoever takes it up later has a higher number, and this one writes no more. */
export interface TakenDay {
  readonly day: string;
  readonly run: bigint;
  /** Whose differences are shown until this one comes to its end. */
  readonly shownRun: bigint;
  readonly attempts: number;
}

/** What the reconciliation of days keeps. */
export interface ReconciliationStore {
  /** Asks for a day, also when it was done before. */
  ask(day: string, call: Call): Promise<Reconciliation>;
  get(day: string): Promise<Reconciliation | undefined>;
  /** The latest first; `after` is a day. */
  list(limit: number, after: string | undefined): Promise<Reconciliation[]>;
  /** Of the shown run; `no` is what a page may start after. */
  differences(
    of: Reconciliation,
    limit: number,
    after: string | undefined,
  ): Promise<{ readonly no: string; readonly difference: Difference }[]>;
  /** Asks for those of the days that nobody has ever asked for. */
  askNew(days: readonly string[], call: Call): Promise<void>;
  /** The moment of the first payment that the platform took, in ms; undefined before. */
  firstPaidAt(): Promise<number | undefined>;
  /** Takes up a day that waits, or whose runner is gone; undefined when there is none. */
  take(now: number, call: Call): Promise<TakenDay | undefined>;
  /** Puts a day back, to be tried again. */
  putBack(taken: TakenDay, dueAt: number, failure: string, call: Call): Promise<void>;
  run(taken: TakenDay, call: Call, pages: Pages): RunStore;
  /** Shows this run's result instead of an earlier one's. */
  finish(taken: TakenDay, result: ReconciliationResult, now: number, call: Call): Promise<void>;
}

/**
 * How a run works, so that others are served meanwhile. An embedded engine answers a statement at once, on this thread:
 * without turns between them, any number of short statements stop everybody else as one long statement would.
 */
export interface Pages {
  /** Most entries that a statement reads or writes. */
  readonly entries: number;
  /** Awaited before each such statement, or transaction of some: lets the event loop turn. Rejects when the run is to end. */
  turn(): Promise<void>;
}

/** An entry of ours that the platform must bill. */
export interface BookEntry extends Entry {
  /** Between these moments the platform moved the money; ms since the epoch, 0 when it did not. */
  readonly billFrom: number;
  readonly billTo: number;
  /**
   * Of an entry that may be on the bill of either of two days, because we do not know on which side of midnight the
   * platform moved the money: the day on whose bill it was found.
   */
  readonly billedOn: string;
}

/**
 * What one run reads and writes, in pages; each method rejects with what `Pages.turn` rejects with. A write, and a turn
 * after long reading, rejects with `RECONCILIATION_TAKEN_OVER` when the run has lost its day.
 */
export interface RunStore {
  /** Deletes what earlier runs have left, but for what is shown. */
  sweep(): Promise<void>;
  /** Keeps lines of the bill; `firstNo` counts them. */
  keepLines(lines: readonly Entry[], firstNo: number): Promise<void>;
  /** The kept lines of a kind in the order of their references. */
  lines(kind: Entry["kind"]): AsyncIterable<readonly Entry[]>;
  /** Which of the references the kept bill has. */
  billed(kind: Entry["kind"], references: readonly string[]): Promise<ReadonlySet<string>>;
  /** Deletes the kept bill. */
  forgetLines(): Promise<void>;
  /** What our books have under these references. Wallets are no business of the platform's. */
  entriesOf(kind: Entry["kind"], references: readonly string[]): Promise<ReadonlyMap<string, BookEntry>>;
  /** What must be on the bill of a day at the latest. */
  dueEntries(
    kind: Entry["kind"],
    range: { readonly from: number; readonly to: number },
  ): AsyncIterable<readonly BookEntry[]>;
  /** These were on the bill of this day. */
  markBilled(kind: Entry["kind"], references: readonly string[]): Promise<void>;
  /** Our books against themselves; payments only of those that had an entry since then, ms since the epoch. */
  ledgerDifferences(since: number): AsyncIterable<readonly Difference[]>;
  writeDifferences(differences: readonly Difference[], firstNo: number): Promise<void>;
}
