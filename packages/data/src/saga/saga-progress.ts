import type { Backoff } from "../broker/backoff.js";
import type { SagaFailure } from "./saga-failure.js";

/**
 * - `running`: a step is in work or waits for its retry;
 * - `waiting`: a wait step waits for a signal or its time;
 * - `compensating`: going back, because a step failed for good;
 * - `completed`, `compensated`: the two good ends;
 * - `stuck`: gave up; a person looks at the error and calls `retry`.
 */
export type SagaStatus = "running" | "waiting" | "compensating" | "completed" | "compensated" | "stuck";

/** Where a saga is: what its row in the log says, without the state. Immutable. */
export interface Progress {
  readonly status: SagaStatus;
  /** The current step; empty at the end. */
  readonly step: string;
  /** Attempts of the current step that were started, in the current direction. */
  readonly attempt: number;
  /** Steps that ran or may have run, in order, without those compensated since. */
  readonly ran: readonly string[];
  /** A pivot step has succeeded: from here on nothing is compensated. */
  readonly pivoted: boolean;
  /** When to look at it again, ms since the epoch; undefined when it has ended or is in work now. */
  readonly dueAt: number | undefined;
  /** When the current wait step's time is over. */
  readonly waitUntil: number | undefined;
  /** Why it went back. */
  readonly failure: SagaFailure | undefined;
  /** The last error, also of attempts that were retried. */
  readonly error: SagaFailure | undefined;
  /** What a stuck saga goes on as. */
  readonly resumeAs: "running" | "waiting" | "compensating" | undefined;
}

/** A saga's steps as the decider sees them. */
export interface Plan {
  readonly steps: readonly PlannedStep[];
}

export interface PlannedStep {
  readonly name: string;
  readonly kind: "step" | "wait";
  /** Has something to undo. */
  readonly compensates: boolean;
  readonly pivot: boolean;
  readonly attempts: number;
  readonly compensationAttempts: number;
  readonly backoff: Backoff;
}

/** What depends on the moment and on the saga's state. */
export interface Circumstances {
  readonly now: number;
  /** In [0, 1); for jitter. */
  readonly random: number;
  /** Whether a step's `when` says that it is left out. */
  readonly skips: (step: string) => boolean;
  /** Until when a wait step waits, ms since the epoch. */
  readonly waitUntil: (step: string) => number;
}

/** One line of a saga's history. */
export interface HistoryEntry {
  readonly step: string;
  /** `started`, `succeeded`, `failed`, `waiting`, `signalled`, `timed-out`, `turned-back`, `undo-started`, … */
  readonly event: string;
  readonly attempt: number;
}

/** What to do once the decision is durable. */
export type Next = "run" | "compensate" | "attend" | "rest" | "end";

/** What to write, and what to do then. */
export interface Decision {
  readonly progress: Progress;
  readonly next: Next;
  readonly history: readonly HistoryEntry[];
}

const backwardOf = (progress: Progress): boolean =>
  progress.status === "compensating" || (progress.status === "stuck" && progress.resumeAs === "compensating");

/** It takes no signals any more: it goes back, or has ended. */
export const isLate = (progress: Progress): boolean =>
  progress.status === "completed" || progress.status === "compensated" || backwardOf(progress);
