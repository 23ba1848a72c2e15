import Libsql from "libsql";

/**
 * A lock of the operating system on an empty file, held through SQLite: it goes when the process ends, however it ends, so
 * a killed holder leaves nothing to clean. Any number hold it shared, or one exclusively. Nobody may open the file by other
 * means: closing any descriptor of it drops the lock (fcntl(2)).
 */
export interface FileLock {
  /** Holds it exclusively from here on, unless others hold it: then false, and this one holds nothing any more. */
  becomeOnly(): boolean;
  release(): void;
}

interface Connection {
  exec(sql: string): void;
  close(): void;
}

/** For how long somebody who only looks whether he is the last may be in the way of a shared lock, in ms. */
const passingMs = 500;

/** Throws what the driver throws: code `SQLITE_BUSY` when others hold it. */
export function lockFile(path: string, mode: "exclusive" | "shared"): FileLock {
  const open = Libsql as unknown as new (path: string, options: object) => Connection;
  const connection = new open(path, { timeout: mode === "shared" ? passingMs : 0 });
  try {
    // Without a journal, a transaction that writes nothing leaves the file empty.
    connection.exec("PRAGMA journal_mode = OFF");
    if (mode === "exclusive") connection.exec("BEGIN EXCLUSIVE");
    // Only what has read something holds the shared lock.
    else connection.exec("BEGIN; SELECT count(*) FROM sqlite_schema");
  } catch (thrown) {
    connection.close();
    throw thrown;
  }
  return {
    becomeOnly() {
      try {
        if (mode === "shared") connection.exec("COMMIT; PRAGMA busy_timeout = 0; BEGIN EXCLUSIVE");
        return true;
      } catch {
        return false;
      }
    },
    release: () => connection.close(),
  };
}

/**
 * For work that one of several processes does: takes the lock if nobody has it, and says so by giving it. Undefined when
 * another process has it, or the file cannot be had at all.
 */
export function tryLock(path: string): Pick<FileLock, "release"> | undefined {
  try {
    return lockFile(path, "exclusive");
  } catch {
    return undefined;
  }
}
