import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { pathToFileURL } from "node:url";
import { type Call, type CancelTimer, type Clock, silentLogger, systemClock } from "@sampan/core";
import type { Logger } from "@sampan/core/ports";
import { Kysely, type Transaction } from "kysely";
import type { Schema, Sql } from "../contract.js";
import { SqlErrors } from "../errors.js";
import { applyMigrations } from "./apply-migrations.js";
import { SqliteConnection } from "./connection.js";
import { OwnedDialect } from "./dialect.js";
import { type Durability, readDurability, secure } from "./durability.js";
import { type FileOwnership, ownFile } from "./file-owner.js";
import { transactionOver } from "./transaction-handle.js";
import { type BatchLimits, WriteQueue } from "./write-queue.js";

export interface SqliteOptions {
  /** Made when it is missing, with its folder. This process owns it from now on: see `FILE_IN_USE`. */
  readonly file: string;
  /**
   * Owns it together with other processes of this machine that say so too; one that does not is kept out, and keeps them
   * out. A transaction waits for those of the others, off the thread, and fails with `SQL_BUSY` after five seconds.
   * `onCommit` hears of theirs as well, within 50 ms. Default false.
   */
  readonly shared?: boolean;
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
  durability(): Promise<Durability>;
}

// A batch runs without a turn of the event loop, so its time is also how long others wait for one.
const defaultLimits: BatchLimits = { transactions: 64, ms: 4 };
const alone: BatchLimits = { transactions: 1, ms: 0 };

/** How long a lock of a foreign tool (`sqlite3` on the same file) is waited for; this thread stands still meanwhile. */
const busyMs = 500;
/** How long the transactions of other owners are waited for; the start of this one stands still meanwhile, nothing else. */
const sharedBusyMs = 5_000;
/** How often a file is looked at for commits of other owners. */
const lookMs = 50;

/** Opens a file: takes ownership, migrates, checks that commits will be durable. Rejects with an error of `SqlErrors`. */
export async function openSqlite<DB>(options: SqliteOptions): Promise<SqliteSql<DB>> {
  const { file, clock = systemClock, logger = silentLogger, shared = false } = options;
  mkdirSync(dirname(file), { recursive: true });
  const ownership = ownFile(file, clock, logger, shared ? "shared" : "exclusive");
  const opened: SqliteConnection[] = [];
  try {
    const writer = new SqliteConnection(file, ownership.path, shared ? sharedBusyMs : busyMs, logger);
    opened.push(writer);
    secure(writer);
    applyMigrations(writer, options.schemas, clock);
    const reader = new SqliteConnection(file, `${pathToFileURL(ownership.path)}?mode=ro`, busyMs, logger);
    opened.push(reader);
    const limits = defersConstraints(writer) ? alone : { ...defaultLimits, ...options.batch };
    const commits = options.commits ?? "off-thread";
    return new SqliteDatabase<DB>({ writer, reader, ownership, clock, limits, commits, shared });
  } catch (thrown) {
    for (const connection of opened) connection.close();
    ownership.release();
    throw thrown;
  }
}

/** A deferred constraint is checked at the commit, where it would fail everybody who shares it. */
function defersConstraints(connection: SqliteConnection): boolean {
  return connection.all("SELECT sql FROM sqlite_schema").some(({ sql }) => /initially\s+deferred/i.test(String(sql)));
}

interface Parts {
  readonly writer: SqliteConnection;
  readonly reader: SqliteConnection;
  readonly ownership: FileOwnership;
  readonly clock: Clock;
  readonly limits: BatchLimits;
  readonly commits: "off-thread" | "in-thread";
  readonly shared: boolean;
}

class SqliteDatabase<DB> implements SqliteSql<DB> {
  readonly read: Kysely<DB>;
  readonly #parts: Parts;
  readonly #queue: WriteQueue;
  readonly #dialect: OwnedDialect;
  readonly #listeners = new Set<() => void>();
  #cancelLook: CancelTimer | undefined;
  /** Changes with every commit on any connection but the reader's own, that is, with every one. */
  #version: unknown;
  #closing: Promise<void> | undefined;

  constructor(parts: Parts) {
    this.#parts = parts;
    const { writer, reader, clock, limits, commits, shared } = parts;
    this.read = new Kysely<DB>({ dialect: new OwnedDialect(reader, reader.file) });
    this.#dialect = new OwnedDialect(writer, writer.file);
    const committed = (): void => this.#committed();
    this.#queue = new WriteQueue({ connection: writer, clock, limits, commits, shared, committed });
    if (shared) {
      this.#version = this.#readVersion();
      this.#lookLater();
    }
  }

  transaction<T>(call: Call, work: (tx: Transaction<DB>) => Promise<T>): Promise<T> {
    if (this.#closing !== undefined) return Promise.reject(SqlErrors.SQL_CLOSED({ file: this.#parts.writer.file }));
    return this.#queue.run(call, (handle) => work(transactionOver<DB>(handle, this.#dialect)));
  }

  onCommit(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  durability(): Promise<Durability> {
    return this.#queue.aside(() => readDurability(this.#parts.writer));
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    await this.#queue.idle();
    this.#cancelLook?.();
    const { writer, reader, ownership } = this.#parts;
    reader.close();
    // The last owner folds the log into the file, so that a closed database is one file that can be copied.
    if (ownership.becomeOnly()) writer.exec("PRAGMA wal_checkpoint(TRUNCATE)");
    writer.close();
    ownership.release();
  }

  #committed(): void {
    if (this.#parts.shared) this.#version = this.#readVersion();
    for (const listener of this.#listeners) listener();
  }

  #lookLater(): void {
    this.#cancelLook = this.#parts.clock.timer(lookMs, () => this.#look(), { background: true });
  }

  #look(): void {
    const version = this.#readVersion();
    if (version !== this.#version) this.#committed();
    this.#lookLater();
  }

  #readVersion(): unknown {
    try {
      return this.#parts.reader.all("PRAGMA data_version")[0]?.data_version;
    } catch {
      // A file that cannot be read is told to those who ask for something in it.
      return this.#version;
    }
  }
}
