import type { Kysely } from "kysely";
import type { SagaFailure } from "./saga-failure.js";
import { type SagaSnapshot } from "./saga-instance.js";
import type { SagaStatus } from "./saga-progress.js";
import type { SagaTables } from "./saga-schema.js";
/** One line of a saga's history. */
export interface SagaHistory {
    /** Milliseconds since the epoch. */
    readonly at: number;
    readonly step: string;
    /** `started`, `succeeded`, `failed`, `waiting`, `signalled`, `timed-out`, `turned-back`, `undo-started`, `undone`, … */
    readonly event: string;
    readonly attempt: number;
    readonly error: SagaFailure | undefined;
}
export declare function readHistory(db: Kysely<SagaTables>, id: string): Promise<readonly SagaHistory[]>;
export declare function listInstances(db: Kysely<SagaTables>, status: SagaStatus | undefined, limit: number): Promise<readonly SagaSnapshot[]>;
//# sourceMappingURL=saga-queries.d.ts.map