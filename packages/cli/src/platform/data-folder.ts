import { existsSync, mkdirSync, readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { silentLogger, systemClock } from "@sampan/core";
import { ownFile, SqlErrors } from "@sampan/data";
import { CommandError } from "../command/command-error.js";
import { loadOrCreateOperatorKey } from "./operator-key.js";
import { deleteOwnFiles, foreignNames, keyFile, marker, markerFile } from "./own-files.js";
import { endLeftBehind } from "./process-record.js";

/** The folder of an installation, held by this process until it is released or ends. */
export interface DataFolder {
  /** Absolute. */
  readonly path: string;
  /** What an operator logs in with unless a setting says otherwise; made at the first start. */
  readonly operatorKey: string;
  /** Whether there was nothing of an installation in it before. */
  readonly isNew: boolean;
  /** What `fresh` left because Sampan did not make it. */
  readonly kept: readonly string[];
  /** Calling it again does nothing. */
  release(): void;
}

const otherFolder = "name another folder with --data";

/**
 * Takes the folder for this process, and makes it when there is none. What a supervisor that was killed left running on
 * it is ended. `fresh` deletes what Sampan keeps in it first, and
 * nothing else. Throws `CommandError` when another process has it, when it holds something else, and when it cannot be
 * written.
 */
export function openDataFolder(path: string, options: { readonly fresh?: boolean } = {}): DataFolder {
  const folder = resolve(path);
  const before = existing(folder);
  const isOurs = before.includes(markerFile);
  const foreign = foreignNames(before);
  if (!isOurs && foreign.length > 0) {
    const some = foreign.slice(0, 3).join(", ") + (foreign.length > 3 ? `, … (${foreign.length})` : "");
    throw new CommandError(`${folder} holds files that are not Sampan's: ${some}`, otherFolder);
  }
  const owner = attempt(folder, () => {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    return ownFile(join(folder, marker), systemClock, silentLogger);
  });
  try {
    // They have their files open: neither may they be deleted nor could the services start.
    endLeftBehind(folder);
    const fresh = options.fresh === true;
    const kept = fresh ? attempt(folder, () => deleteOwnFiles(folder)) : [];
    const operatorKey = attempt(folder, () => loadOrCreateOperatorKey(join(folder, keyFile)));
    let held = true;
    const release = (): void => {
      if (held) owner.release();
      held = false;
    };
    return { path: folder, operatorKey, isNew: fresh || !before.includes(keyFile), kept, release };
  } catch (error) {
    owner.release();
    throw error;
  }
}

function existing(folder: string): readonly string[] {
  return existsSync(folder) ? attempt(folder, () => readdirSync(folder)) : [];
}

function attempt<T>(folder: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw folderProblem(folder, error);
  }
}

const problems: Readonly<Record<string, string>> = {
  EACCES: "permission denied",
  EPERM: "permission denied",
  EROFS: "the file system is read-only",
  ENOSPC: "the disk is full",
  EDQUOT: "the quota is used up",
  ENOTDIR: "it, or something above it, is a file",
  EEXIST: "it is a file",
  ENAMETOOLONG: "the name is too long",
};

/** What a person can do about a folder that is refused; any other error as it is. */
export function folderProblem(folder: string, error: unknown): unknown {
  if (SqlErrors.FILE_IN_USE.is(error)) {
    const holder = error.info?.metadata.owner ?? "another process";
    return new CommandError(`${folder} is in use by ${holder}`, `stop that process, or ${otherFolder}`);
  }
  const { code } = error as NodeJS.ErrnoException;
  const why = typeof code === "string" ? problems[code] : undefined;
  // The lock is a database, whose engine has its own words for a folder that it cannot write.
  const refused = SqlErrors.SQL_IO.is(error) || SqlErrors.SQL_READ_ONLY.is(error) || SqlErrors.DISK_FULL.is(error);
  if (why === undefined && !refused) return error;
  const reason = why ?? "its lock cannot be written: look at its permissions and the space on its disk";
  return new CommandError(`${folder} cannot be used: ${reason}`, `put that right, or ${otherFolder}`);
}
