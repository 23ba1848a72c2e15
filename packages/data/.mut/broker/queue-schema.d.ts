import type { Schema } from "../sql/contract.js";
/**
 * Where a delivery is. At most one delivery of a key in a group is ready or in work (a unique index says so): that is
 * what keeps a key's messages in order.
 */
export declare const DeliveryState: {
    /** Behind another message of its key. */
    readonly behind: 0;
    /** The first of its key: may be claimed once it is due. */
    readonly ready: 1;
    /** Claimed by a consumer of this process. */
    readonly inWork: 2;
    /** A dead letter. */
    readonly dead: 3;
};
/** The queue's file. Times are milliseconds since the epoch. */
export interface QueueTables {
    readonly queue_group: {
        readonly group_id: bigint;
        readonly topic: string;
        readonly name: string;
    };
    /** Kept while some group has a delivery of it. */
    readonly queue_message: {
        readonly seq: bigint;
        readonly topic: string;
        readonly message_key: string;
        readonly id: string;
        readonly payload: Uint8Array;
        readonly headers: string;
        readonly published_at: bigint;
    };
    readonly queue_delivery: {
        readonly delivery_id: bigint;
        readonly group_id: bigint;
        readonly seq: bigint;
        readonly message_key: string;
        readonly state: bigint;
        readonly attempt: bigint;
        readonly due_at: bigint;
        readonly error: string;
    };
    /** Ids within the deduplication window. */
    readonly queue_seen: {
        readonly topic: string;
        readonly id: string;
        readonly seen_at: bigint;
    };
}
export declare const queueSchema: Schema;
//# sourceMappingURL=queue-schema.d.ts.map