import { type Transaction } from "kysely";
import type { QueueTables } from "./queue-schema.js";
export interface PruneLimits {
    /** Ids seen before this are forgotten. */
    readonly seenBefore: number;
    /** Messages published before this are deleted, unless in work. */
    readonly publishedBefore: number;
    /** Rows of one transaction. */
    readonly rows: number;
}
export interface Pruned {
    /** Deliveries deleted although nobody had acknowledged them. */
    readonly waiting: number;
    readonly dead: number;
    readonly deletedMessages: number;
    /** There may be more to prune. */
    readonly more: boolean;
}
/** One bounded step of deleting what is too old, so that pruning never holds up the queue for long. */
export declare function prune(tx: Transaction<QueueTables>, limits: PruneLimits): Promise<Pruned>;
//# sourceMappingURL=retention.d.ts.map