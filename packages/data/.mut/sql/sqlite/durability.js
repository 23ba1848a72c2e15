import { SqlErrors } from "../errors.js";
const levels = ["off", "normal", "full", "extra"];
/** Sets what a connection that writes must have, and throws when the file does not accept it (a network folder refuses WAL). */
export function secure(writer) {
    writer.all("PRAGMA journal_mode = WAL");
    writer.exec("PRAGMA synchronous = FULL");
    writer.exec("PRAGMA foreign_keys = ON");
    const { journalMode, synchronous, foreignKeys } = readDurability(writer);
    if (journalMode !== "wal" || synchronous !== "full" || !foreignKeys) {
        const cause = new Error(`journal_mode=${journalMode} synchronous=${synchronous} foreign_keys=${foreignKeys}`);
        throw SqlErrors.SQL_IO({ file: writer.file }, { cause });
    }
}
/** Reads the settings from SQLite itself; nothing here is remembered. */
export function readDurability(connection) {
    return {
        journalMode: String(connection.all("PRAGMA journal_mode")[0]?.journal_mode),
        synchronous: levels[Number(connection.all("PRAGMA synchronous")[0]?.synchronous)] ?? "off",
        foreignKeys: connection.all("PRAGMA foreign_keys")[0]?.foreign_keys === 1n,
    };
}
//# sourceMappingURL=durability.js.map