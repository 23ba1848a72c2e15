import { type Call, type Clock, type Runtime, systemClock } from "@sampan/core";
import type { Logger } from "@sampan/core/ports";
import type { Transaction } from "kysely";
import type { Sql } from "../sql/contract.js";
import { atRest, Waiters } from "./reached.js";
import type { Saga } from "./saga.js";
import { beginSaga, retrySaga, type SignalAnswer, type SignalRequest, signalSaga } from "./saga-entry.js";
import { SagaErrors } from "./saga-errors.js";
import { type SagaSnapshot, snapshotOf } from "./saga-instance.js";
import { type AnySaga, planOf } from "./saga-plan.js";
import type { SagaStatus } from "./saga-progress.js";
import { listInstances, readHistory, type SagaHistory } from "./saga-queries.js";
import type { SagaTables } from "./saga-schema.js";
import { loadInstance } from "./saga-store.js";
import type { Holder, Registered } from "./saga-transition.js";
import { SagaWork } from "./saga-work.js";

export interface SagaRunnerOptions<DB> {
  /** The service's own database, opened with `sagaSchema` among its schemas. */
  readonly sql: Sql<DB>;
  readonly runtime: Runtime;
  readonly clock?: Clock;
  readonly logger?: Logger;
  // biome-ignore lint/suspicious/noExplicitAny: sagas of different states
  readonly sagas: readonly Saga<any, DB>[];
  /** Sagas in work at a time; those that wait take no place. Default 32. */
  readonly concurrency?: number;
  /**
   * The name of this runner among those that share the database. No two may live at the same time under one name: on
   * start a runner takes back what an earlier life of its name had in work. Default the runtime's name.
   */
  readonly owner?: string;
  /** After so long without a sign of life another runner takes over, in ms. Default 30000. */
  readonly leaseMs?: number;
  /** Of a saga's state and of a signal's payload, as JSON. Default 256 KiB. */
  readonly stateBytes?: number;
  /** Ended sagas are deleted after this time, in ms. Stuck ones are kept. Default 90 days. */
  readonly retentionMs?: number;
  readonly random?: () => number;
  /** For crash tests: called, and awaited, at each point that `boundariesOf` lists. */
  readonly onBoundary?: (point: string) => void | Promise<void>;
}

/**
 * Runs sagas: each transition is one transaction of the service's database, together with the domain's change. A saga's
 * steps run one after the other, each on a root call of its own, never twice at the same time; different sagas run beside
 * each other. What was in work when the process died is run again.
 */
export interface SagaRunner<DB> {
  /** Takes up what is due, and from now on what is begun and signalled. */
  start(): Promise<void>;
  /** Takes up nothing more; sagas in work stop at their next step boundary, and are aborted after `graceMs` (default 10000). */
  stop(graceMs?: number): Promise<void>;
  /**
   * Begins a saga in the caller's transaction: it exists, and runs, when that commits. False when there is one of this id.
   * Its calls carry the tenant and release tag of `call`, and link to its trace.
   */
  begin<State>(
    tx: Transaction<DB>,
    saga: Saga<State, DB>,
    init: { readonly id: string; readonly state: State },
    call: Call,
  ): Promise<boolean>;
  /**
   * Tells a saga that something happened: in the caller's transaction, or with `undefined` in its own. Durable before the
   * answer. `delivered`: kept for the step that takes it, or is taken by it; `duplicate`: this `signalId` came before;
   * `late`: the saga goes back or has ended, and `onLate` was told; `unknown`: there is no such saga.
   */
  signal(tx: Transaction<DB> | undefined, signal: SignalRequest): Promise<SignalAnswer>;
  /**
   * Resolves when `satisfied` holds; without it, when the saga waits and has no signal left to handle, has ended or is stuck.
   * Rejects with `SAGA_UNKNOWN`, or with the call's error when the call ends first; the saga goes on then.
   */
  reached(id: string, call: Call, satisfied?: (snapshot: SagaSnapshot) => boolean): Promise<SagaSnapshot>;
  get(id: string): Promise<SagaSnapshot | undefined>;
  /** What happened to a saga, oldest first. */
  history(id: string): Promise<readonly SagaHistory[]>;
  /** Last changed first. */
  list(filter?: { readonly status?: SagaStatus; readonly limit?: number }): Promise<readonly SagaSnapshot[]>;
  /** Lets a stuck saga go on where it gave up, with its attempts counted from 1. Rejects with `SAGA_UNKNOWN` or `SAGA_NOT_STUCK`. */
  retry(id: string): Promise<SagaSnapshot>;
}

/** Throws `TypeError` when two sagas have one name. */
export function sagaRunner<DB>(options: SagaRunnerOptions<DB>): SagaRunner<DB> {
  const { runtime, clock = systemClock, random = Math.random } = options;
  // The saga tables are in the same database; the service's types need not know them.
  const sql = options.sql as unknown as Sql<SagaTables>;
  const holder: Holder = { owner: options.owner ?? runtime.name, leaseMs: options.leaseMs ?? 30_000 };
  const registered = new Map<string, Registered>();
  for (const saga of options.sagas as readonly AnySaga[]) {
    if (registered.has(saga.name)) throw new TypeError(`two sagas are called ${saga.name}`);
    registered.set(saga.name, { saga, plan: planOf(saga) });
  }
  const waiters = new Waiters();
  const stateBytes = options.stateBytes ?? 256 * 1024;
  const transaction = <T>(work: (tx: Transaction<SagaTables>) => Promise<T>): Promise<T> =>
    runtime.run({ name: "saga/write", timeoutMs: Number.POSITIVE_INFINITY }, (call) => sql.transaction(call, work));
  const onBoundary = options.onBoundary ?? (() => {});
  const work = new SagaWork({
    runtime,
    clock,
    random,
    holder,
    stateBytes,
    transaction,
    registered,
    read: sql.read,
    logger: options.logger ?? runtime.logger,
    concurrency: options.concurrency ?? 32,
    retentionMs: options.retentionMs ?? 90 * 24 * 60 * 60 * 1000,
    boundary: async (point) => onBoundary(point),
    changed: (instance) => waiters.changed(instance),
  });
  const entry = { registered, holder, clock, random, stateBytes };

  return {
    start: () => work.start(),
    stop: (graceMs = 10_000) => work.stop(graceMs),
    async begin(tx, saga, { id, state }, call) {
      const held = work.reserve();
      try {
        const begun = await beginSaga(tx as unknown as Transaction<SagaTables>, entry, {
          saga,
          id,
          state,
          origin: call.origin,
          held,
        });
        if (begun === undefined) return false;
        if (held) work.begun(id, begun);
        else work.wake();
        return true;
      } finally {
        if (held) work.unreserve();
      }
    },
    async signal(tx, signal) {
      const send = (tx: Transaction<SagaTables>): Promise<SignalAnswer> => signalSaga(tx, entry, signal);
      const answer = tx === undefined ? await transaction(send) : await send(tx as unknown as Transaction<SagaTables>);
      if (answer === "delivered") work.wake();
      return answer;
    },
    async reached(id, call, satisfied) {
      // Listens before it looks, so that nothing falls between.
      const reached = waiters.wait(id, call, (instance, snapshot) =>
        satisfied === undefined ? atRest(instance, clock.now()) : satisfied(snapshot),
      );
      reached.catch(() => {});
      const instance = await loadInstance(sql.read, id);
      if (instance === undefined) throw SagaErrors.SAGA_UNKNOWN({ id });
      waiters.changed(instance);
      return reached;
    },
    async get(id) {
      const instance = await loadInstance(sql.read, id);
      return instance === undefined ? undefined : snapshotOf(instance);
    },
    history: (id) => readHistory(sql.read, id),
    list: (filter) => listInstances(sql.read, filter?.status, filter?.limit ?? 100),
    async retry(id) {
      const instance = await transaction((tx) => retrySaga(tx, entry, id));
      work.wake();
      return snapshotOf(instance);
    },
  };
}
