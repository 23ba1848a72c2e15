import type { Logger } from "@sampan/core/ports";
import type { CompiledQuery, DatabaseConnection, QueryResult } from "kysely";
/**
 * One connection to a SQLite file. Statements are synchronous: nothing else of this process runs meanwhile, so a deadline can stop
 * a transaction only between two of them. `execOffThread` is the exception: during it, nobody may use this connection.
 */
export declare class SqliteConnection implements DatabaseConnection {
    #private;
    readonly file: string;
    constructor(file: string, path: string, busyMs: number, logger: Logger);
    get inTransaction(): boolean;
    /** Runs statements without parameters and results. */
    exec(sql: string): void;
    /**
     * The same on a thread of the driver, so that waiting for the disk does not stop this one. Both flavours of the driver wrap one
     * native handle, called `db`; only the other one offers `exec` off the thread (libsql 0.5.29, pinned).
     */
    execOffThread(sql: string): Promise<void>;
    /** For statements of ours: rows, with parameters. */
    all(sql: string, parameters?: readonly unknown[]): Record<string, unknown>[];
    executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>>;
    /** All rows at once: an open cursor would keep old pages of the log alive for as long as its reader likes. */
    streamQuery<R>(query: CompiledQuery): AsyncIterableIterator<QueryResult<R>>;
    close(): void;
}
//# sourceMappingURL=connection.d.ts.map