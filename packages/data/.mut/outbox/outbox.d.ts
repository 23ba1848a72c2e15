import { type Call } from "@sampan/core";
import type { BrokerMessage } from "@sampan/core/ports";
import type { Generated, Transaction } from "kysely";
import type { Schema } from "../sql/contract.js";
import { type Headers } from "./origin-headers.js";
/** A message to send when the transaction has committed. */
export interface OutboxMessage {
    readonly topic: string;
    /** Messages of a topic with the same key arrive in the order they were added. */
    readonly key: string;
    /** Default: a new one. Give one where the same fact may be written twice; a second row of an id changes nothing. */
    readonly id?: string;
    readonly payload: Uint8Array;
    readonly headers?: Headers;
}
export interface OutboxTables {
    sampan_outbox: {
        seq: Generated<bigint>;
        topic: string;
        message_key: string;
        id: string;
        /** JSON. */
        headers: string;
        payload: Uint8Array;
        /** Milliseconds since the epoch. */
        added_at: bigint;
        /** Why the broker will never take it; such a row stays to be looked at. */
        refused: string | null;
    };
}
export declare const outboxSchema: Schema;
/**
 * Messages that commit with the data they tell of. A row waits here until `outboxRelay` has given it to the broker: at least once,
 * in the order it was added, also after a crash at any point.
 */
export declare const outbox: {
    /**
     * Adds a message inside the transaction, with the tenant, release tag and trace of the call as headers. Gives its id.
     * Where there is no call but what is kept of one (the end of a saga), that will do.
     */
    readonly add: <DB>(tx: Transaction<DB>, message: OutboxMessage, call: Pick<Call, "origin" | "runtime">) => Promise<string>;
};
/** A row as the broker takes it. */
export declare function toBrokerMessage(row: Omit<OutboxTables["sampan_outbox"], "seq" | "added_at" | "refused">): BrokerMessage;
//# sourceMappingURL=outbox.d.ts.map