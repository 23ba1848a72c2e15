import type { CallOrigin } from "@sampan/core";
import type { SagaFailure } from "./saga-failure.js";
import type { Progress, SagaStatus } from "./saga-progress.js";
import type { SagaRow } from "./saga-schema.js";
/** A saga's row in memory. Immutable. */
export interface SagaInstance {
    readonly id: string;
    readonly saga: string;
    readonly progress: Progress;
    /** As JSON, so that no step can change it in place. */
    readonly state: string;
    readonly owner: string | undefined;
    readonly fence: number;
    readonly origin: CallOrigin;
    readonly startedAt: number;
    readonly updatedAt: number;
}
/** What a saga looks like from outside. */
export interface SagaSnapshot {
    readonly id: string;
    readonly saga: string;
    readonly status: SagaStatus;
    /** The current step; empty at the end. */
    readonly step: string;
    readonly attempt: number;
    readonly state: unknown;
    /** Why it went back; `rpcErrorOf` makes it an error to answer with. */
    readonly failure: SagaFailure | undefined;
    /** The last error of the current step; what a stuck saga gave up on. */
    readonly error: SagaFailure | undefined;
    /** When its next retry or timeout is, ms since the epoch. */
    readonly dueAt: number | undefined;
    readonly startedAt: number;
    readonly updatedAt: number;
}
export declare function snapshotOf(instance: SagaInstance): SagaSnapshot;
export declare function instanceOf(row: SagaRow): SagaInstance;
export declare function rowOf(instance: SagaInstance): SagaRow;
export declare function failureOf(text: string | null): SagaFailure | undefined;
//# sourceMappingURL=saga-instance.d.ts.map