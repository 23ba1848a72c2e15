import type { CallOrigin, Clock } from "@sampan/core";
import { sql, type Transaction } from "kysely";
import type { Begun } from "./saga-claims.js";
import { beginning, decide } from "./saga-decider.js";
import { SagaErrors } from "./saga-errors.js";
import type { SagaInstance } from "./saga-instance.js";
import { type AnySaga, planOf } from "./saga-plan.js";
import { isLate } from "./saga-progress.js";
import type { SagaTables } from "./saga-schema.js";
import { appendHistory, insertInstance, loadInstance, updateInstance } from "./saga-store.js";
import { circumstances, eventsOf, type Holder, type Registered, writeDecision } from "./saga-transition.js";
import { decodeValue, encodeValue } from "./saga-value.js";
import { insertSignal } from "./signal-store.js";

type Tx = Transaction<SagaTables>;

/** How things enter the saga log from outside; each inside a transaction. */
export interface Entry {
  readonly registered: ReadonlyMap<string, Registered>;
  readonly holder: Holder;
  readonly clock: Clock;
  readonly random: () => number;
  readonly stateBytes: number;
}

export interface BeginRequest {
  readonly saga: AnySaga;
  readonly id: string;
  readonly state: unknown;
  readonly origin: CallOrigin;
  /** Leased at once: this runner has a place for it. */
  readonly held: boolean;
}

/** Undefined when the saga exists already. */
export async function beginSaga(tx: Tx, entry: Entry, request: BeginRequest): Promise<Begun | undefined> {
  const { saga, id, held, origin } = request;
  const registered = entry.registered.get(saga.name) ?? { saga, plan: planOf(saga) };
  const now = entry.clock.now();
  const state = encodeValue("state", id, request.state, entry.stateBytes);
  const decision = beginning(registered.plan, circumstances(saga, state, now, entry.random()), held);
  const blank: SagaInstance = {
    id,
    saga: saga.name,
    progress: decision.progress,
    state,
    owner: undefined,
    fence: 1,
    origin,
    startedAt: now,
    updatedAt: now,
  };
  let existing: SagaInstance | undefined;
  try {
    const { instance, next } = await writeDecision(
      tx,
      registered,
      entry.holder,
      blank,
      decision,
      state,
      now,
      async (instance) => {
        if (await insertInstance(tx, instance)) return true;
        existing = await loadInstance(tx, id);
        return false;
      },
    );
    return { fence: instance.fence, next };
  } catch (error) {
    if (existing === undefined) throw error;
    if (existing.saga !== saga.name) throw SagaErrors.SAGA_ID_TAKEN({ id, saga: existing.saga });
    return undefined;
  }
}

export interface SignalRequest {
  /** Of the saga. */
  readonly id: string;
  readonly event: string;
  /** The same id is taken once, for the life of the saga: the callback's own number, for instance. */
  readonly signalId: string;
  /** Plain data, as a saga's state is. */
  readonly payload?: unknown;
}

export type SignalAnswer = "delivered" | "duplicate" | "late" | "unknown";

export async function signalSaga(tx: Tx, entry: Entry, request: SignalRequest): Promise<SignalAnswer> {
  const { id, event, signalId } = request;
  const payload = encodeValue(`signal ${event}`, id, request.payload ?? null, entry.stateBytes);
  const instance = await loadInstance(tx, id);
  if (instance === undefined) return "unknown";
  const { progress } = instance;
  const late = isLate(progress);
  const receivedAt = entry.clock.now();
  const isNew = await insertSignal(tx, { sagaId: id, signalId, event, payload, receivedAt }, late ? "late" : "pending");
  if (!isNew) return "duplicate";
  const saga = entry.registered.get(instance.saga)?.saga;
  if (late) {
    await saga?.onLate?.(
      decodeValue(instance.state),
      { event, signalId, payload: decodeValue(payload), receivedAt },
      tx,
      instance.origin,
    );
    return "late";
  }
  if (progress.status === "waiting" && saga !== undefined && eventsOf(saga, progress.step).includes(event)) {
    // Due now. In work already, it finds the signal itself.
    await sql`update sampan_saga set due_at = ${receivedAt} where id = ${id} and owner is null`.execute(tx);
  }
  return "delivered";
}

export async function retrySaga(tx: Tx, entry: Entry, id: string): Promise<SagaInstance> {
  const before = await loadInstance(tx, id);
  if (before === undefined) throw SagaErrors.SAGA_UNKNOWN({ id });
  const { status } = before.progress;
  const registered = entry.registered.get(before.saga);
  if (status !== "stuck" || registered === undefined) throw SagaErrors.SAGA_NOT_STUCK({ id, status });
  const now = entry.clock.now();
  const around = circumstances(registered.saga, before.state, now, 0);
  const { progress, history } = decide(registered.plan, before.progress, { type: "retried" }, around);
  const instance: SagaInstance = { ...before, progress, fence: before.fence + 1, updatedAt: now };
  await updateInstance(tx, instance, before.fence);
  await appendHistory(tx, id, history, now, null);
  return instance;
}
