import { existsSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import Libsql from "libsql";
import { SqlErrors } from "../errors.js";
import { fromSqlite } from "./sqlite-error.js";
/** Throws `FILE_IN_USE`, with the process that holds it. The folder must exist. */
export function ownFile(file, clock, logger) {
    const path = existsSync(file) ? realpathSync(file) : join(realpathSync(dirname(file)), basename(file));
    let lock;
    try {
        lock = new Libsql(`${path}-lock`, { timeout: 0 });
        // Without a journal, an exclusive transaction that writes nothing leaves the file empty.
        lock.exec("PRAGMA journal_mode = OFF; BEGIN EXCLUSIVE");
        writeFileSync(`${path}-owner`, `process ${process.pid}, since ${new Date(clock.now()).toISOString()}\n`);
    }
    catch (thrown) {
        lock?.close();
        const error = fromSqlite(thrown, file, logger);
        throw SqlErrors.SQL_BUSY.is(error) ? SqlErrors.FILE_IN_USE({ file, owner: ownerOf(path) }, { cause: thrown }) : error;
    }
    return {
        path,
        release() {
            rmSync(`${path}-owner`, { force: true });
            lock.close();
        },
    };
}
function ownerOf(path) {
    try {
        return readFileSync(`${path}-owner`, "utf8").trim();
    }
    catch {
        return "a process that is just starting or stopping";
    }
}
//# sourceMappingURL=file-owner.js.map