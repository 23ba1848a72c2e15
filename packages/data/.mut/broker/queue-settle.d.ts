import { type Transaction } from "kysely";
import type { GroupKey } from "./queue-insert.js";
import type { QueueTables } from "./queue-schema.js";
import type { Settlement } from "./settlement.js";
/**
 * Writes how deliveries ended, all that ended since the last turn at once. Gives the keys whose next message may go,
 * and how many messages no group needs any more.
 */
export declare function writeSettlements(tx: Transaction<QueueTables>, settlements: readonly Settlement[]): Promise<{
    readonly deleted: number;
    readonly touched: readonly GroupKey[];
}>;
/** Deletes those of the messages that no delivery points to. */
export declare function deleteFinished(tx: Transaction<QueueTables>, seqs: readonly number[]): Promise<number>;
//# sourceMappingURL=queue-settle.d.ts.map