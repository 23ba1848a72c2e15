import { type Kysely, type Transaction } from "kysely";
import { type SagaInstance } from "./saga-instance.js";
import type { HistoryEntry } from "./saga-progress.js";
import type { SagaTables } from "./saga-schema.js";
type Tx = Transaction<SagaTables>;
/** False when there is one of this id. */
export declare function insertInstance(tx: Tx, instance: SagaInstance): Promise<boolean>;
/** Writes all that changes in a saga's life. False when another runner has taken it since (a newer fence). */
export declare function updateInstance(tx: Tx, instance: SagaInstance, fence: number): Promise<boolean>;
export declare function loadInstance(db: Kysely<SagaTables>, id: string): Promise<SagaInstance | undefined>;
export declare function appendHistory(tx: Tx, id: string, entries: readonly HistoryEntry[], now: number, error: string | null): Promise<void>;
/** Sagas that somebody should look at, the longest due first. `busy` are in work in this process, whatever their lease says. */
export declare function loadDue(tx: Tx, sagas: readonly string[], busy: readonly string[], now: number, limit: number): Promise<readonly SagaInstance[]>;
export declare function nextDueAt(db: Kysely<SagaTables>, sagas: readonly string[]): Promise<number | undefined>;
export declare function loadMany(tx: Tx, ids: readonly string[]): Promise<readonly SagaInstance[]>;
/** Deletes some that ended before a time, with their history and signals. Gives how many. */
export declare function deleteEnded(tx: Tx, before: number, limit: number): Promise<number>;
export {};
//# sourceMappingURL=saga-store.d.ts.map