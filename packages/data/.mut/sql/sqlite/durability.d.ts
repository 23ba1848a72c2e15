import type { SqliteConnection } from "./connection.js";
/** What decides whether a commit survives a power cut. */
export interface Durability {
    /** `wal`: a commit appends to the log and readers go on. */
    readonly journalMode: string;
    /** `full`: the log is on the disk (fsync) before COMMIT returns. */
    readonly synchronous: "off" | "normal" | "full" | "extra";
    readonly foreignKeys: boolean;
}
/** Sets what a connection that writes must have, and throws when the file does not accept it (a network folder refuses WAL). */
export declare function secure(writer: SqliteConnection): void;
/** Reads the settings from SQLite itself; nothing here is remembered. */
export declare function readDurability(connection: SqliteConnection): Durability;
//# sourceMappingURL=durability.d.ts.map