import { backoffMs } from "../broker/backoff.js";
import { SagaErrors } from "./saga-errors.js";
import { type SagaFailure, type StepError, stepError } from "./saga-failure.js";
import type { Circumstances, Decision, HistoryEntry, Next, Plan, PlannedStep, Progress } from "./saga-progress.js";

/** What happened to a saga. */
export type SagaEvent =
  /** A runner took it: at first, after a retry's wait, after a crash, for a signal. */
  | { readonly type: "claimed" }
  | { readonly type: "succeeded" }
  | { readonly type: "failed"; readonly error: StepError }
  | { readonly type: "compensated" }
  | { readonly type: "compensation-failed"; readonly error: StepError }
  /** A wait step has handled a signal, or the end of its time. */
  | {
      readonly type: "attended";
      readonly how: "signalled" | "timed-out";
      readonly next: "continue" | "fail" | "wait";
      readonly error?: StepError | undefined;
    }
  | { readonly type: "attend-failed"; readonly error: StepError }
  /** The runner stops in good order: the attempt does not count. */
  | { readonly type: "released" }
  /** What follows cannot be written: a hook of the saga throws. */
  | { readonly type: "gave-up"; readonly error: StepError }
  /** A person wants a stuck saga to go on. */
  | { readonly type: "retried" };

/** A saga at its first step. With `held` a runner has it in work at once, else it waits to be claimed. */
export function beginning(plan: Plan, around: Circumstances, held: boolean): Decision {
  const blank: Progress = {
    status: "running",
    step: "",
    attempt: 0,
    ran: [],
    pivoted: false,
    dueAt: around.now,
    waitUntil: undefined,
    failure: undefined,
    error: undefined,
    resumeAs: undefined,
  };
  return enter(plan, blank, 0, around, [], held);
}

/**
 * Decides what an event means for a saga. Pure: no I/O, no clock.
 *
 * - Forward: an attempt is counted when it starts. A permanent error, or the last attempt's error, turns the saga back;
 *   after a pivot nothing turns back: every error is retried, and the last one makes it stuck.
 * - Back: the steps that ran, the failed one included because it may have, are compensated in reverse. Every error is
 *   retried, and the last one makes it stuck.
 * - `running` and `compensating` with `next: "rest"` mean: look again at `dueAt`.
 */
export function decide(plan: Plan, progress: Progress, event: SagaEvent, around: Circumstances): Decision {
  const step = plan.steps.find(({ name }) => name === progress.step);
  if (step === undefined) return unknownStep(progress, progress.step);
  switch (event.type) {
    case "claimed":
      return claimed(plan, progress, step, around);
    case "succeeded": {
      const pivoted = progress.pivoted || step.pivot;
      const history = [entry(progress, "succeeded")];
      return enter(plan, { ...progress, pivoted }, plan.steps.indexOf(step) + 1, around, history);
    }
    case "failed":
      return failed(plan, progress, step, event.error, around);
    case "compensated": {
      const ran = progress.ran.filter((name) => name !== step.name);
      return undoNext(plan, { ...progress, ran }, [entry(progress, "undone")]);
    }
    case "compensation-failed":
      return again(progress, event.error, step.compensationAttempts, step, around, [entry(progress, "undo-failed")]);
    case "attended":
      return attended(plan, progress, step, event, around);
    case "attend-failed": {
      const counted = { ...progress, attempt: progress.attempt + 1 };
      return again(counted, event.error, step.attempts, step, around, [entry(counted, "failed")]);
    }
    case "released":
      return rest({ ...progress, attempt: Math.max(0, progress.attempt - 1) }, around.now, []);
    case "gave-up":
      return stuck(progress, event.error.failure, []);
    case "retried": {
      if (progress.status !== "stuck" || progress.resumeAs === undefined) return rest(progress, progress.dueAt, []);
      const resumed: Progress = { ...progress, status: progress.resumeAs, resumeAs: undefined, attempt: 0 };
      return rest(resumed, around.now, [entry(resumed, "retried")]);
    }
  }
}

/** Steps are tried from here: the first that is not left out. */
function enter(
  plan: Plan,
  from: Progress,
  index: number,
  around: Circumstances,
  history: HistoryEntry[],
  held = true,
): Decision {
  const step = plan.steps.slice(index).find(({ name }) => !around.skips(name));
  const blank: Progress = { ...from, attempt: 0, waitUntil: undefined, error: undefined };
  if (step === undefined) {
    const progress: Progress = { ...blank, status: "completed", step: "", dueAt: undefined };
    return { progress, next: "end", history: [...history, entry(progress, "completed")] };
  }
  if (step.kind === "step") {
    const progress: Progress = { ...blank, status: "running", step: step.name, dueAt: around.now };
    return held ? startStep(progress, history) : { progress, next: "rest", history };
  }
  const waitUntil = around.waitUntil(step.name);
  const progress: Progress = { ...blank, status: "waiting", step: step.name, dueAt: waitUntil, waitUntil };
  return { progress, next: "attend", history: [...history, entry(progress, "waiting")] };
}

function claimed(plan: Plan, progress: Progress, step: PlannedStep, around: Circumstances): Decision {
  if (progress.status === "waiting") return { progress, next: "attend", history: [] };
  if (progress.status === "running") {
    if (progress.attempt >= step.attempts) {
      return failed(plan, progress, step, interrupted(step, progress.attempt), around);
    }
    return startStep(progress, []);
  }
  if (progress.status === "compensating") {
    if (progress.attempt >= step.compensationAttempts)
      return stuck(progress, interrupted(step, progress.attempt).failure, []);
    return start(progress, "compensate", "undo-started");
  }
  return rest(progress, undefined, []);
}

function failed(plan: Plan, progress: Progress, step: PlannedStep, error: StepError, around: Circumstances): Decision {
  const history = [entry(progress, "failed")];
  const over = error.permanent || progress.attempt >= step.attempts;
  if (!progress.pivoted && over) return turnBack(plan, progress, error.failure, history);
  return again(progress, error, step.attempts, step, around, history);
}

function attended(
  plan: Plan,
  progress: Progress,
  step: PlannedStep,
  event: SagaEvent & { readonly type: "attended" },
  around: Circumstances,
): Decision {
  const history = [entry(progress, event.how)];
  if (event.next === "continue") {
    const pivoted = progress.pivoted || step.pivot;
    return enter(plan, { ...progress, pivoted }, plan.steps.indexOf(step) + 1, around, history);
  }
  if (event.next === "wait") {
    const waitUntil = around.waitUntil(step.name);
    return { progress: { ...progress, attempt: 0, waitUntil, dueAt: waitUntil }, next: "attend", history };
  }
  const make = event.how === "timed-out" ? SagaErrors.SAGA_TIMED_OUT : SagaErrors.SAGA_STOPPED;
  const { failure } = event.error ?? stepError(step.name, make({ step: step.name }));
  return progress.pivoted ? stuck(progress, failure, history) : turnBack(plan, progress, failure, history);
}

function turnBack(plan: Plan, progress: Progress, failure: SagaFailure, history: HistoryEntry[]): Decision {
  const back: Progress = { ...progress, status: "compensating", waitUntil: undefined, failure, error: failure };
  return undoNext(plan, back, [...history, entry(progress, "turned-back")]);
}

/** The last step that ran and has something to undo; those that have nothing are dropped. */
function undoNext(plan: Plan, progress: Progress, history: HistoryEntry[]): Decision {
  const ran = [...progress.ran];
  for (let name = ran.at(-1); name !== undefined; name = ran.at(-1)) {
    const step = plan.steps.find((planned) => planned.name === name);
    if (step === undefined) return unknownStep({ ...progress, ran, step: name, attempt: 0 }, name, history);
    if (step.compensates)
      return start({ ...progress, ran, step: name, attempt: 0 }, "compensate", "undo-started", history);
    ran.pop();
  }
  const end: Progress = {
    ...progress,
    status: "compensated",
    step: "",
    attempt: 0,
    ran,
    dueAt: undefined,
    error: undefined,
  };
  return { progress: end, next: "end", history: [...history, entry(end, "compensated")] };
}

/** From its first start on a step may have run. */
function startStep(from: Progress, history: HistoryEntry[]): Decision {
  const ran = from.ran.includes(from.step) ? from.ran : [...from.ran, from.step];
  return start({ ...from, ran }, "run", "started", history);
}

function start(from: Progress, next: Next, event: string, history: HistoryEntry[] = []): Decision {
  const progress: Progress = { ...from, attempt: from.attempt + 1, dueAt: undefined };
  return { progress, next, history: [...history, entry(progress, event)] };
}

function again(
  progress: Progress,
  error: StepError,
  attempts: number,
  step: PlannedStep,
  around: Circumstances,
  history: HistoryEntry[],
): Decision {
  if (progress.attempt >= attempts) return stuck(progress, error.failure, history);
  const wait = Math.max(error.retryAfterMs, backoffMs(step.backoff, progress.attempt, around.random));
  return rest({ ...progress, error: error.failure }, around.now + wait, history);
}

function stuck(progress: Progress, error: SagaFailure, history: HistoryEntry[]): Decision {
  const { status } = progress;
  const resumeAs =
    status === "running" || status === "waiting" || status === "compensating" ? status : progress.resumeAs;
  const end: Progress = { ...progress, status: "stuck", resumeAs, error, dueAt: undefined };
  return { progress: end, next: "end", history: [...history, entry(progress, "stuck")] };
}

function unknownStep(progress: Progress, step: string, history: HistoryEntry[] = []): Decision {
  return stuck(progress, stepError(step, SagaErrors.SAGA_STEP_UNKNOWN({ step })).failure, history);
}

function rest(progress: Progress, dueAt: number | undefined, history: HistoryEntry[]): Decision {
  return { progress: { ...progress, dueAt }, next: "rest", history };
}

function interrupted(step: PlannedStep, attempts: number): StepError {
  return stepError(step.name, SagaErrors.SAGA_INTERRUPTED({ step: step.name, attempts: String(attempts) }));
}

function entry(progress: Progress, event: string): HistoryEntry {
  return { step: progress.step, event, attempt: progress.attempt };
}
