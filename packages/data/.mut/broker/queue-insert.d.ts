import type { BrokerMessage } from "@sampan/core/ports";
import { type Transaction } from "kysely";
import type { QueueTables } from "./queue-schema.js";
/** A key of a group: the unit of order. */
export type GroupKey = readonly [groupId: number, key: string];
export interface Insertion {
    readonly messages: readonly BrokerMessage[];
    /** The first free sequence number; the messages get this one and those after it. */
    readonly firstSeq: number;
    readonly now: number;
    /** Ids seen before this time are forgotten. */
    readonly windowStart: number;
    readonly groupsOf: (topic: string) => readonly number[];
}
/**
 * Hot path (guarded by the queue benchmark): a turn writes all its messages with a fixed number of statements, lists
 * passed as one JSON parameter. Only payloads, which JSON cannot carry, are bound one by one.
 *
 * Gives the messages that were stored: those whose id is new and whose topic has a group.
 */
export declare function insertMessages(tx: Transaction<QueueTables>, insertion: Insertion): Promise<{
    readonly stored: number;
    readonly touched: readonly GroupKey[];
}>;
/**
 * Makes the first waiting message of each key ready where none of that key is ready or in work: after messages were
 * added, and after deliveries ended.
 */
export declare function promote(tx: Transaction<QueueTables>, touched: readonly GroupKey[]): Promise<void>;
//# sourceMappingURL=queue-insert.d.ts.map