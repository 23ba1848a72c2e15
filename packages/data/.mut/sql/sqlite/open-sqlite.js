import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { pathToFileURL } from "node:url";
import { silentLogger, systemClock } from "@sampan/core";
import { Kysely } from "kysely";
import { SqlErrors } from "../errors.js";
import { applyMigrations } from "./apply-migrations.js";
import { SqliteConnection } from "./connection.js";
import { OwnedDialect } from "./dialect.js";
import { ownFile } from "./file-owner.js";
import { readDurability, secure } from "./durability.js";
import { transactionOver } from "./transaction-handle.js";
import { WriteQueue } from "./write-queue.js";
// A batch runs without a turn of the event loop, so its time is also how long others wait for one.
const defaultLimits = { transactions: 64, ms: 4 };
const alone = { transactions: 1, ms: 0 };
/** How long a lock of a foreign tool (`sqlite3` on the same file) is waited for; this thread stands still meanwhile. */
const busyMs = 500;
/** Opens a file: takes ownership, migrates, checks that commits will be durable. Rejects with an error of `SqlErrors`. */
export async function openSqlite(options) {
    const { file, clock = systemClock, logger = silentLogger } = options;
    mkdirSync(dirname(file), { recursive: true });
    const ownership = ownFile(file, clock, logger);
    const opened = [];
    try {
        const writer = new SqliteConnection(file, ownership.path, busyMs, logger);
        opened.push(writer);
        secure(writer);
        applyMigrations(writer, options.schemas, clock);
        const reader = new SqliteConnection(file, `${pathToFileURL(ownership.path)}?mode=ro`, busyMs, logger);
        opened.push(reader);
        const limits = defersConstraints(writer) ? alone : { ...defaultLimits, ...options.batch };
        const commits = options.commits ?? "off-thread";
        return new SqliteDatabase({ writer, reader, ownership, clock, limits, commits });
    }
    catch (thrown) {
        for (const connection of opened)
            connection.close();
        ownership.release();
        throw thrown;
    }
}
/** A deferred constraint is checked at the commit, where it would fail everybody who shares it. */
function defersConstraints(connection) {
    return connection.all("SELECT sql FROM sqlite_schema").some(({ sql }) => /initially\s+deferred/i.test(String(sql)));
}
class SqliteDatabase {
    read;
    #parts;
    #queue;
    #dialect;
    #listeners = new Set();
    #closing;
    constructor(parts) {
        this.#parts = parts;
        const { writer, reader, clock, limits, commits } = parts;
        this.read = new Kysely({ dialect: new OwnedDialect(reader, reader.file) });
        this.#dialect = new OwnedDialect(writer, writer.file);
        this.#queue = new WriteQueue({ connection: writer, clock, limits, commits, committed: () => this.#committed() });
    }
    transaction(call, work) {
        if (this.#closing !== undefined)
            return Promise.reject(SqlErrors.SQL_CLOSED({ file: this.#parts.writer.file }));
        return this.#queue.run(call, (handle) => work(transactionOver(handle, this.#dialect)));
    }
    onCommit(listener) {
        this.#listeners.add(listener);
        return () => this.#listeners.delete(listener);
    }
    durability() {
        return readDurability(this.#parts.writer);
    }
    close() {
        this.#closing ??= this.#close();
        return this.#closing;
    }
    async #close() {
        await this.#queue.idle();
        const { writer, reader, ownership } = this.#parts;
        reader.close();
        // Folds the log into the file, so that a closed database is one file that can be copied.
        writer.exec("PRAGMA wal_checkpoint(TRUNCATE)");
        writer.close();
        ownership.release();
    }
    #committed() {
        for (const listener of this.#listeners)
            listener();
    }
}
//# sourceMappingURL=open-sqlite.js.map