import { existsSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import type { Clock } from "@sampan/core";
import type { Logger } from "@sampan/core/ports";
import Libsql from "libsql";
import { SqlErrors } from "../errors.js";
import { fromSqlite } from "./sqlite-error.js";

/**
 * Makes this process the only owner of a database file. The lock is one of the operating system, held through SQLite on the empty
 * file `<file>-lock`: it goes when the process ends, however it ends, so a killed owner leaves nothing to clean. The text in
 * `<file>-owner` only says who it is. Nobody may open `<file>-lock` by other means: closing any descriptor of it drops the lock
 * (fcntl(2)).
 */
export interface FileOwnership {
  /** The file, without links, so that two names of one file are one owner's. */
  readonly path: string;
  release(): void;
}

interface Lock {
  exec(sql: string): void;
  close(): void;
}

/** Throws `FILE_IN_USE`, with the process that holds it. The folder must exist. */
export function ownFile(file: string, clock: Clock, logger: Logger): FileOwnership {
  const path = existsSync(file) ? realpathSync(file) : join(realpathSync(dirname(file)), basename(file));
  let lock: Lock | undefined;
  try {
    lock = new (Libsql as unknown as new (path: string, options: object) => Lock)(`${path}-lock`, { timeout: 0 });
    // Without a journal, an exclusive transaction that writes nothing leaves the file empty.
    lock.exec("PRAGMA journal_mode = OFF; BEGIN EXCLUSIVE");
    writeFileSync(`${path}-owner`, `process ${process.pid}, since ${new Date(clock.now()).toISOString()}\n`);
  } catch (thrown) {
    lock?.close();
    const error = fromSqlite(thrown, file, logger);
    throw SqlErrors.SQL_BUSY.is(error)
      ? SqlErrors.FILE_IN_USE({ file, owner: ownerOf(path) }, { cause: thrown })
      : error;
  }
  return {
    path,
    release() {
      rmSync(`${path}-owner`, { force: true });
      lock.close();
    },
  };
}

function ownerOf(path: string): string {
  try {
    return readFileSync(`${path}-owner`, "utf8").trim();
  } catch {
    return "a process that is just starting or stopping";
  }
}
