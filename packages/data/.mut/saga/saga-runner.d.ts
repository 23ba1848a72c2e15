import { type Call, type Clock, type Runtime } from "@sampan/core";
import type { Logger } from "@sampan/core/ports";
import type { Transaction } from "kysely";
import type { Sql } from "../sql/contract.js";
import type { Saga } from "./saga.js";
import { type SignalAnswer, type SignalRequest } from "./saga-entry.js";
import { type SagaSnapshot } from "./saga-instance.js";
import type { SagaStatus } from "./saga-progress.js";
import { type SagaHistory } from "./saga-queries.js";
export interface SagaRunnerOptions<DB> {
    /** The service's own database, opened with `sagaSchema` among its schemas. */
    readonly sql: Sql<DB>;
    readonly runtime: Runtime;
    readonly clock?: Clock;
    readonly logger?: Logger;
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
    begin<State>(tx: Transaction<DB>, saga: Saga<State, DB>, init: {
        readonly id: string;
        readonly state: State;
    }, call: Call): Promise<boolean>;
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
    list(filter?: {
        readonly status?: SagaStatus;
        readonly limit?: number;
    }): Promise<readonly SagaSnapshot[]>;
    /** Lets a stuck saga go on where it gave up, with its attempts counted from 1. Rejects with `SAGA_UNKNOWN` or `SAGA_NOT_STUCK`. */
    retry(id: string): Promise<SagaSnapshot>;
}
/** Throws `TypeError` when two sagas have one name. */
export declare function sagaRunner<DB>(options: SagaRunnerOptions<DB>): SagaRunner<DB>;
//# sourceMappingURL=saga-runner.d.ts.map