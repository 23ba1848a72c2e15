import { type Clock } from "@sampan/core";
import type { Logger } from "@sampan/core/ports";
import type { Schema, Sql } from "../contract.js";
import { type Durability } from "./durability.js";
import { type BatchLimits } from "./write-queue.js";
export interface SqliteOptions {
    /** Made when it is missing, with its folder. This process owns it from now on: see `FILE_IN_USE`. */
    readonly file: string;
    /** The service's own schema and those of the parts it uses, such as `outboxSchema`. Brought up to date before it opens. */
    readonly schemas: readonly Schema[];
    readonly clock?: Clock;
    readonly logger?: Logger;
    /** How transactions share commits. */
    readonly batch?: Partial<BatchLimits>;
    /**
     * Where a commit waits for the disk. Default `off-thread`: the event loop goes on meanwhile. `in-thread` lets a test with a fake
     * clock run whole transactions between two timers, and blocks the process for as long as the disk takes.
     */
    readonly commits?: "off-thread" | "in-thread";
}
/** A SQLite database of this process: statements run on this thread, commits wait for the disk on another. */
export interface SqliteSql<DB> extends Sql<DB> {
    /** The settings in force on the writing connection, for tests and health pages. */
    durability(): Durability;
}
/** Opens a file: takes ownership, migrates, checks that commits will be durable. Rejects with an error of `SqlErrors`. */
export declare function openSqlite<DB>(options: SqliteOptions): Promise<SqliteSql<DB>>;
//# sourceMappingURL=open-sqlite.d.ts.map