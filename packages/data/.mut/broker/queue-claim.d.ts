import type { Delivery } from "@sampan/core/ports";
import { type Transaction } from "kysely";
import type { QueueTables } from "./queue-schema.js";
import type { Claim } from "./settlement.js";
/** A claim with the message to deliver. */
export interface Claimed {
    readonly claim: Claim;
    readonly delivery: Delivery;
}
export interface MessageRow {
    readonly seq: bigint;
    readonly topic: string;
    readonly message_key: string;
    readonly id: string;
    readonly payload: Uint8Array;
    readonly headers: string;
    readonly published_at: bigint;
}
/** Claims up to `limit` messages of a group that are ready and due, the longest due first; counts the attempt. */
export declare function claimReady(tx: Transaction<QueueTables>, groupId: number, limit: number, now: number): Promise<readonly Claimed[]>;
/** When the next message of the group that is not due yet will be; undefined when none is ready. */
export declare function nextDue(tx: Transaction<QueueTables>, groupId: number): Promise<number | undefined>;
export declare function deliveryOf(row: MessageRow, attempt: number): Delivery;
//# sourceMappingURL=queue-claim.d.ts.map