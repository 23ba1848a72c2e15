import type { Call, CallOrigin } from "@sampan/core";
import type { Transaction } from "kysely";
import type { Backoff } from "../broker/backoff.js";

/** Attempts of a step, the first included, and the waits between them. */
export interface RetryPolicy extends Partial<Backoff> {
  /** Default 8. */
  readonly attempts?: number;
}

/** What a step is told beside its state and its call. */
export interface StepContext {
  readonly sagaId: string;
  readonly step: string;
  /** 1 at the first attempt. */
  readonly attempt: number;
  /** The same at every attempt, `<saga id>/<step>`, with `/undo` behind it for the compensation. Pass it to what the step calls. */
  readonly idempotencyKey: string;
}

/** What a step gives back: nothing, or the saga's new state, and changes that commit together with the end of the step. */
export interface StepResult<State, DB> {
  readonly state?: State;
  /** In the transaction of the log entry: awaits nothing but `tx`. When it throws, the step has failed. */
  readonly commit?: (tx: Transaction<DB>) => Promise<void>;
}

// `NoInfer`: the types are those of the saga, not whatever narrower type one result happens to have.
// biome-ignore-start lint/suspicious/noConfusingVoidType: a step that has nothing to say ends without a return
type Work<State, DB> = (
  state: State,
  call: Call,
  context: StepContext,
) => Promise<StepResult<NoInfer<State>, NoInfer<DB>> | void>;
// biome-ignore-end lint/suspicious/noConfusingVoidType: see above

export interface StepOptions<State, DB> {
  /** May run more than once (after a crash, a timeout, a retry), never twice at the same time: must be idempotent. */
  readonly run: Work<State, DB>;
  /** Undoes it. May run for a step that failed half-way or never reached its callee, and more than once. */
  readonly compensate?: Work<State, DB>;
  /** Of one attempt. Default 10000. */
  readonly timeoutMs?: number;
  readonly retry?: RetryPolicy;
  /** Of the compensation. Default 20 attempts. */
  readonly compensateRetry?: RetryPolicy;
  /** Once it has succeeded nothing is compensated: the steps behind it are retried until they succeed, or stuck. */
  readonly pivot?: boolean;
  /** Left out when this is false. */
  readonly when?: (state: State) => boolean;
}

export interface Signal {
  readonly event: string;
  readonly signalId: string;
  readonly payload: unknown;
  /** Milliseconds since the epoch. */
  readonly receivedAt: number;
}

/** What a wait step decides. */
export interface WaitResult<State, DB> extends StepResult<State, DB> {
  /** `wait`: noted, and waits for the next signal until `until` of the new state. */
  readonly next: "continue" | "fail" | "wait";
  /** Why it failed. */
  readonly error?: unknown;
}

export interface WaitOptions<State, DB> {
  /** When its time is over, ms since the epoch. Days are fine: a waiting saga is a row, nothing else. */
  readonly until: (state: State) => number;
  /**
   * What each event means, by its name. A signal that came early is handled when the step is reached; one that no wait
   * step takes before the saga ends or turns back goes to `onLate`. Decides at once: no I/O, except in `commit`.
   */
  readonly on: Readonly<Record<string, (state: State, signal: Signal) => WaitResult<NoInfer<State>, NoInfer<DB>>>>;
  /** Default: fails with `SAGA_TIMED_OUT`. */
  readonly onTimeout?: (state: State) => WaitResult<NoInfer<State>, NoInfer<DB>>;
  /** For a handler or commit that throws. */
  readonly retry?: RetryPolicy;
  readonly pivot?: boolean;
  readonly when?: (state: State) => boolean;
}

export interface Step<State, DB> {
  readonly kind: "step";
  readonly name: string;
  readonly options: StepOptions<State, DB>;
}

export interface WaitStep<State, DB> {
  readonly kind: "wait";
  readonly name: string;
  readonly options: WaitOptions<State, DB>;
}

export interface SagaOptions<State, DB> {
  /** `place-order`; kept in the log, so it never changes. */
  readonly name: string;
  readonly steps: readonly (Step<State, DB> | WaitStep<State, DB>)[];
  /**
   * In the transaction of the last log entry; so are the others. When one throws, the step before it has failed. `origin`
   * is that of the call which began the saga, for messages of the outbox.
   */
  readonly onCompleted?: (state: State, tx: Transaction<DB>, origin: CallOrigin) => Promise<void>;
  readonly onCompensated?: (state: State, tx: Transaction<DB>, failure: unknown, origin: CallOrigin) => Promise<void>;
  /** A signal that no step will handle any more, exactly once for each: a payment after expiry must be refunded. */
  readonly onLate?: (state: State, signal: Signal, tx: Transaction<DB>, origin: CallOrigin) => Promise<void>;
}

export interface Saga<State, DB> extends SagaOptions<State, DB> {}

const stepName = /^[a-z][a-z0-9-]*$/;

/** An action with its compensation. */
export function step<State, DB>(name: string, options: StepOptions<State, DB>): Step<State, DB> {
  return { kind: "step", name, options };
}

/** Waits for a signal or a time. */
export function waitFor<State, DB>(name: string, options: WaitOptions<State, DB>): WaitStep<State, DB> {
  return { kind: "wait", name, options };
}

/**
 * A saga: steps in order, each with what undoes it. `State` is plain data (JSON and bigint). Step names are kept in the
 * log: steps may be added and removed between releases, a renamed one is another step. Throws `TypeError` for a name that
 * is bad or there twice.
 */
export function defineSaga<State, DB>(options: SagaOptions<State, DB>): Saga<State, DB> {
  const names = new Set<string>();
  if (!stepName.test(options.name)) throw new TypeError(`saga name ${options.name} is not lower-case words and dashes`);
  if (options.steps.length === 0) throw new TypeError(`saga ${options.name} has no steps`);
  for (const { name } of options.steps) {
    if (!stepName.test(name))
      throw new TypeError(`step name ${name} of ${options.name} is not lower-case words and dashes`);
    if (names.has(name)) throw new TypeError(`saga ${options.name} has two steps ${name}`);
    names.add(name);
  }
  return options;
}
