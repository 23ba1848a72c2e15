import type { Schema } from "../sql/contract.js";
/** The saga log in the service's own database. Times are milliseconds since the epoch. */
export interface SagaTables {
    readonly sampan_saga: SagaRow;
    readonly sampan_saga_history: HistoryRow;
    readonly sampan_saga_signal: SignalRow;
}
export interface HistoryRow {
    readonly entry: bigint;
    readonly saga_id: string;
    readonly at: bigint;
    readonly step: string;
    readonly event: string;
    readonly attempt: bigint;
    /** JSON of a `SagaFailure`. */
    readonly error: string | null;
}
export interface SignalRow {
    /** Order of arrival. */
    readonly place: bigint;
    readonly saga_id: string;
    readonly signal_id: string;
    readonly event: string;
    readonly payload: string;
    readonly received_at: bigint;
    /** `pending`, `handled` or `late`. */
    readonly status: string;
}
export interface SagaRow {
    readonly id: string;
    readonly saga: string;
    readonly status: string;
    readonly step: string;
    readonly attempt: bigint;
    /** JSON list of step names. */
    readonly ran: string;
    readonly pivoted: bigint;
    /** When somebody should look at it: a retry, a timeout, or the end of the lease of the runner that has it in work. */
    readonly due_at: bigint | null;
    readonly wait_until: bigint | null;
    /** JSON of a `SagaFailure`. */
    readonly failure: string | null;
    readonly error: string | null;
    readonly resume_as: string | null;
    readonly state: string;
    /** The runner that has it in work. */
    readonly owner: string | null;
    /** Fencing token: one more at every claim; who holds an older one writes nothing. */
    readonly fence: bigint;
    readonly tenant: string;
    readonly release_tag: string;
    readonly traceparent: string;
    readonly started_at: bigint;
    readonly updated_at: bigint;
}
/** For `openSqlite({ schemas })` of a service that runs sagas. */
export declare const sagaSchema: Schema;
//# sourceMappingURL=saga-schema.d.ts.map