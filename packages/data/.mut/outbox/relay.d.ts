import { type Runtime } from "@sampan/core";
import type { Broker } from "@sampan/core/ports";
import { type Backoff } from "../broker/backoff.js";
import type { Sql } from "../sql/contract.js";
export interface OutboxRelayOptions<DB> {
    readonly sql: Sql<DB>;
    readonly broker: Broker;
    readonly runtime: Runtime;
    /** Messages given to the broker at a time. Default 100. */
    readonly batch?: number;
    /** How often to look without being woken by a commit of this process, in ms. Default 1000. */
    readonly pollMs?: number;
    /** Waits while the broker fails. Default 100 ms to 30 s. */
    readonly backoff?: Backoff;
    /** In [0, 1), for the jitter of the backoff. */
    readonly random?: () => number;
}
/** Moves messages from a service's outbox to the broker while it is started. One relay for an outbox. */
export interface OutboxRelay {
    start(): void;
    /** Takes up nothing new; resolves when the messages in hand are published and deleted, or after `graceMs` (default 5000). */
    stop(graceMs?: number): Promise<void>;
    /** Messages that wait, for a gauge. */
    pending(): Promise<number>;
}
/**
 * Publishes in the order of the outbox and deletes what the broker has taken; a crash between the two publishes it again under the
 * same id. Woken by each commit, so a message leaves at once. While the broker fails, nothing overtakes: the same messages are
 * tried again after a backoff. A message that the broker calls invalid is set aside (`refused`) and logged, so that it does not
 * stop the ones behind it.
 */
export declare function outboxRelay<DB>(options: OutboxRelayOptions<DB>): OutboxRelay;
//# sourceMappingURL=relay.d.ts.map