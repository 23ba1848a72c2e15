import type { Call } from "@sampan/core";
import type { Transaction } from "kysely";
import type { Schema, Sql } from "../sql/contract.js";
export interface InboxTables {
    sampan_inbox: {
        consumer: string;
        topic: string;
        id: string;
        /** Milliseconds since the epoch. */
        received_at: bigint;
    };
}
export declare const inboxSchema: Schema;
/** A message, as the inbox tells it from others. */
export interface Received {
    readonly topic: string;
    readonly id: string;
}
/** What a consumer group has done already. Rows outlive the broker's redeliveries and are then pruned. */
export declare class Inbox {
    #private;
    constructor(consumer: string, sql: Sql<InboxTables>);
    has({ topic, id }: Received): Promise<boolean>;
    /** Marks a message as done, inside the transaction of its effects. False when it was marked before: do nothing then. */
    mark(tx: Transaction<InboxTables>, { topic, id }: Received, call: Call): Promise<boolean>;
    /** Deletes rows of this consumer that are older than a time, `step` of them or a few more. True when there are others. */
    prune(call: Call, before: number, step: number): Promise<boolean>;
}
//# sourceMappingURL=inbox.d.ts.map