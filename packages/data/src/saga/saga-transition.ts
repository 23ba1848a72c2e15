import type { Transaction } from "kysely";
import type { WaitStep } from "./saga.js";
import { SagaErrors } from "./saga-errors.js";
import { rpcErrorOf } from "./saga-failure.js";
import type { SagaInstance } from "./saga-instance.js";
import type { AnySaga } from "./saga-plan.js";
import { type Circumstances, type Decision, isLate, type Next, type Plan } from "./saga-progress.js";
import type { SagaTables } from "./saga-schema.js";
import { appendHistory } from "./saga-store.js";
import { decodeValue } from "./saga-value.js";
import { nextSignal, takeLate } from "./signal-store.js";

/** A definition with its plan. */
export interface Registered {
  readonly saga: AnySaga;
  readonly plan: Plan;
}

/** Who writes: the runner that holds the lease, and for how long from now. */
export interface Holder {
  readonly owner: string;
  readonly leaseMs: number;
}

export interface Transition {
  readonly instance: SagaInstance;
  readonly next: Next;
}

/** The state is given as JSON: most events ask nothing of it. */
export function circumstances(saga: AnySaga, state: string, now: number, random: number): Circumstances {
  const find = (name: string) => saga.steps.find((step) => step.name === name);
  return {
    now,
    random,
    skips: (name) => !(find(name)?.options.when?.(decodeValue(state)) ?? true),
    waitUntil(name) {
      const until = (find(name) as WaitStep<unknown, unknown>).options.until(decodeValue(state));
      if (Number.isNaN(until)) throw new TypeError(`until of wait step ${name} is not a time`);
      return until;
    },
  };
}

/**
 * Writes a decision inside a transaction: `write` stores the row (an insert, or an update behind the fence), and in the
 * same transaction go the history, the hooks of the saga's end, and the signals that have become late. Throws
 * `SAGA_LEASE_LOST` when `write` finds a newer fence: nothing of it may be written then.
 */
export async function writeDecision(
  tx: Transaction<SagaTables>,
  { saga }: Registered,
  holder: Holder,
  before: SagaInstance,
  decision: Decision,
  stateText: string,
  now: number,
  write: (instance: SagaInstance) => Promise<boolean>,
): Promise<Transition> {
  const next = decision.next === "attend" ? await attendOrRest(tx, saga, before.id, decision, now) : decision.next;
  const held = next === "run" || next === "compensate" || next === "attend";
  const instance: SagaInstance = {
    ...before,
    // In work the row is due when the lease ends: then another runner may take it.
    progress: { ...decision.progress, dueAt: held ? now + holder.leaseMs : decision.progress.dueAt },
    state: stateText,
    owner: held ? holder.owner : undefined,
    updatedAt: now,
  };
  if (!(await write(instance))) throw SagaErrors.SAGA_LEASE_LOST({ id: instance.id });
  const { progress } = instance;
  const error = progress.error ?? progress.failure;
  await appendHistory(tx, instance.id, decision.history, now, error === undefined ? null : JSON.stringify(error));
  if (progress.status === "completed") await saga.onCompleted?.(decodeValue(stateText), tx, instance.origin);
  if (progress.status === "compensated") {
    const failure = progress.failure === undefined ? undefined : rpcErrorOf(progress.failure);
    await saga.onCompensated?.(decodeValue(stateText), tx, failure, instance.origin);
  }
  if (isLate(progress) && !isLate(before.progress)) {
    for (const signal of await takeLate(tx, instance.id))
      await saga.onLate?.(decodeValue(stateText), signal, tx, instance.origin);
  }
  return { instance, next };
}

/** A wait step has something to do now, or waits. */
async function attendOrRest(
  tx: Transaction<SagaTables>,
  saga: AnySaga,
  id: string,
  { progress }: Decision,
  now: number,
): Promise<Next> {
  if ((progress.waitUntil ?? Number.POSITIVE_INFINITY) <= now) return "attend";
  const signal = await nextSignal(tx, id, eventsOf(saga, progress.step));
  return signal === undefined ? "rest" : "attend";
}

/** The events that a wait step takes. */
export function eventsOf(saga: AnySaga, step: string): readonly string[] {
  const found = saga.steps.find(({ name }) => name === step);
  return found?.kind === "wait" ? Object.keys(found.options.on) : [];
}
