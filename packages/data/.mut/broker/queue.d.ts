import { type Clock } from "@sampan/core";
import type { Broker, Logger } from "@sampan/core/ports";
import { type SqliteOptions } from "../sql/sqlite/open-sqlite.js";
import type { Backoff } from "./backoff.js";
import { type DeadLetter } from "./dead-letters.js";
import { type QueueLimits } from "./queue-limits.js";
export interface QueueOptions {
    /** A SQLite file of the queue's own; made when it is missing. This process owns it. */
    readonly file: string;
    readonly clock?: Clock;
    readonly logger?: Logger;
    readonly limits?: Partial<QueueLimits>;
    /** Between the attempts of a message. Default 200 ms to 60 s. */
    readonly backoff?: Backoff;
    /** How long an id is remembered, in ms. Default 7 days. */
    readonly dedupeWindowMs?: number;
    /** Messages older than this are deleted, dead letters and those that nobody consumes too, in ms. Default 30 days. */
    readonly retentionMs?: number;
    /** How often old ids and messages are deleted, in ms. Default 1 hour. */
    readonly pruneEveryMs?: number;
    /** How long `close` waits for messages in work, in ms. Default 10000. */
    readonly closeGraceMs?: number;
    /** In [0, 1); for the jitter of the backoff. */
    readonly random?: () => number;
    /** See `SqliteOptions`; tests with a fake clock commit `in-thread`. */
    readonly commits?: NonNullable<SqliteOptions["commits"]>;
}
/** The table-backed queue: the broker of a process without an external one. */
export interface Queue extends Broker {
    deadLetters(topic: string, group: string, limit?: number): Promise<readonly DeadLetter[]>;
    /** Messages that some group has not acknowledged, dead letters included. */
    readonly backlog: number;
    /** Deletes what is too old now; otherwise it happens every `pruneEveryMs`. */
    prune(): Promise<void>;
}
/**
 * Opens a queue in a file of its own. What an earlier process had in work is delivered again at once.
 *
 * At least once: a message is deleted after its handler has resolved and that is durable. Order: within a group, the
 * messages of a key one after the other. Deduplication: by topic and id. `close` takes no more messages, waits for those
 * in work, gives the rest back, and closes the file. Rejects with errors of `QueueErrors` and of the database.
 */
export declare function openQueue(options: QueueOptions): Promise<Queue>;
//# sourceMappingURL=queue.d.ts.map