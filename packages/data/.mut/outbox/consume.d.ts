import type { Call, Runtime } from "@sampan/core";
import type { Broker, Delivery, SubscribeOptions } from "@sampan/core/ports";
import type { Transaction } from "kysely";
import type { Sql } from "../sql/contract.js";
/** Effects in the service's own database only: they happen exactly once. Await nothing but `tx`. */
export interface InTransaction<DB> {
    readonly inTransaction: (message: Delivery, tx: Transaction<DB>, call: Call) => Promise<void>;
}
/** Effects elsewhere, such as calls to other services: at least once, and not again after a success. */
export interface Handle {
    readonly handle: (message: Delivery, call: Call) => Promise<void>;
}
export type ConsumerOptions<DB> = Omit<SubscribeOptions, "handle"> & {
    readonly broker: Broker;
    readonly sql: Sql<DB>;
    readonly runtime: Runtime;
    /** How long a message's id is remembered, in ms: longer than the broker may deliver it again. Default 7 days. */
    readonly rememberMs?: number;
} & (InTransaction<DB> | Handle);
/** Takes a topic's messages while it is started. */
export interface Consumer {
    start(): Promise<void>;
    /** Takes no more messages; resolves when those in work are answered, or aborts them after `graceMs`. */
    stop(graceMs?: number): Promise<void>;
}
/**
 * A consumer that handles each message once: it remembers the ids of what it has done in the service's own database (its schemas
 * must include `inboxSchema`). Each delivery runs on a root call with the tenant and release tag of the call that sent the
 * message, and a link to its trace; the call ends a tenth before the broker would give the message to somebody else. An error
 * gives the message back to the broker, which decides about the next attempt and about giving up.
 */
export declare function consume<DB>(options: ConsumerOptions<DB>): Consumer;
//# sourceMappingURL=consume.d.ts.map