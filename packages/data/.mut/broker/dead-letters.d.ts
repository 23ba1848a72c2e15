import type { Delivery } from "@sampan/core/ports";
import { type Kysely, type Transaction } from "kysely";
import type { QueueTables } from "./queue-schema.js";
/** What a group gave up on, and why. */
export interface DeadLetter extends Delivery {
    /** Milliseconds since the epoch. */
    readonly diedAt: number;
    /** What the last attempt failed with; shortened. */
    readonly error: string;
}
/** Oldest message first. */
export declare function readDeadLetters(db: Kysely<QueueTables>, groupId: number, limit: number): Promise<readonly DeadLetter[]>;
/**
 * Puts a dead letter back, before the messages of its key that still wait, and after the one that is ready or in work.
 * False when there is none of this id.
 */
export declare function redriveDeadLetter(tx: Transaction<QueueTables>, groupId: number, id: string, now: number): Promise<boolean>;
//# sourceMappingURL=dead-letters.d.ts.map