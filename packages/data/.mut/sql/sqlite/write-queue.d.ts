import { type Call, type Clock } from "@sampan/core";
import type { SqliteConnection } from "./connection.js";
import { TransactionHandle } from "./transaction-handle.js";
/** How many transactions may share a commit, and for how long they are gathered. */
export interface BatchLimits {
    /** Default 64. 1 gives every transaction a commit of its own. */
    readonly transactions: number;
    /** After this time no further transaction joins a batch, in ms. Default 4. */
    readonly ms: number;
}
export interface WriteQueueOptions {
    readonly connection: SqliteConnection;
    readonly clock: Clock;
    readonly limits: BatchLimits;
    readonly commits: "off-thread" | "in-thread";
    /** Called after each durable commit. */
    readonly committed: () => void;
}
/**
 * Runs the transactions of one connection one after the other, those that wait together under one COMMIT (group commit): each in a
 * savepoint, so that one that fails rolls back alone; every answer is given after the commit, also that of a transaction that
 * failed because of what it read from one before it. The commit waits for the disk on another thread, so that this one goes on.
 *
 * A call that settles takes its transaction out, waiting or open; nothing else stops the queue.
 */
export declare class WriteQueue {
    #private;
    constructor(options: WriteQueueOptions);
    run<T>(call: Call, work: (handle: TransactionHandle) => Promise<T>): Promise<T>;
    /** Resolves when nothing waits and nothing runs. */
    idle(): Promise<void>;
}
//# sourceMappingURL=write-queue.d.ts.map