import { existsSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import type { Clock } from "@sampan/core";
import type { Logger } from "@sampan/core/ports";
import { SqlErrors } from "../errors.js";
import { type FileLock, lockFile } from "./file-lock.js";
import { fromSqlite } from "./sqlite-error.js";

/**
 * Makes this process the only owner of a database file, or one of several that all want it so. The lock is that of the empty file
 * `<file>-lock` (see `FileLock`). The text in `<file>-owner` only says who it is; of several, who came last.
 */
export interface FileOwnership {
  /** The file, without links, so that two names of one file are one owner's. */
  readonly path: string;
  /** Whether nobody else owns it at the moment. After false this process owns it no more: close it at once. */
  becomeOnly(): boolean;
  release(): void;
}

/** Throws `FILE_IN_USE`, with the process that holds it. The folder must exist. */
export function ownFile(
  file: string,
  clock: Clock,
  logger: Logger,
  mode: "exclusive" | "shared" = "exclusive",
): FileOwnership {
  const path = existsSync(file) ? realpathSync(file) : join(realpathSync(dirname(file)), basename(file));
  let lock: FileLock | undefined;
  try {
    lock = lockFile(`${path}-lock`, mode);
    const others = mode === "shared" ? ", shared with other instances" : "";
    writeFileSync(`${path}-owner`, `process ${process.pid}, since ${new Date(clock.now()).toISOString()}${others}\n`);
  } catch (thrown) {
    lock?.release();
    const error = fromSqlite(thrown, file, logger);
    throw SqlErrors.SQL_BUSY.is(error)
      ? SqlErrors.FILE_IN_USE({ file, owner: ownerOf(path) }, { cause: thrown })
      : error;
  }
  let isOnly = mode === "exclusive";
  return {
    path,
    becomeOnly: () => (isOnly ||= lock.becomeOnly()),
    release() {
      if (isOnly) rmSync(`${path}-owner`, { force: true });
      lock.release();
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
