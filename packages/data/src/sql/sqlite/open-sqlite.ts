import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { pathToFileURL } from "node:url";
import { type Call, type Clock, silentLogger, systemClock } from "@sampan/core";
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

/** Opens a file: takes ownership, migrates, checks that commits will be durable. Rejects with an error of `SqlErrors`. */
export async function openSqlite<DB>(options: SqliteOptions): Promise<SqliteSql<DB>> {
  const { file, clock = systemClock, logger = silentLogger } = options;
  mkdirSync(dirname(file), { recursive: true });
  const ownership = ownFile(file, clock, logger);
  const opened: SqliteConnection[] = [];
  try {
    const writer = new SqliteConnection(file, ownership.path, busyMs, logger);
    opened.push(writer);
    secure(writer);
    applyMigrations(writer, options.schemas, clock);
    const reader = new SqliteConnection(file, `${pathToFileURL(ownership.path)}?mode=ro`, busyMs, logger);
    opened.push(reader);
    const limits = defersConstraints(writer) ? alone : { ...defaultLimits, ...options.batch };
    const commits = options.commits ?? "off-thread";
    return new SqliteDatabase<DB>({ writer, reader, ownership, clock, limits, commits });
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
}

class SqliteDatabase<DB> implements SqliteSql<DB> {
  readonly read: Kysely<DB>;
  readonly #parts: Parts;
  readonly #queue: WriteQueue;
  readonly #dialect: OwnedDialect;
  readonly #listeners = new Set<() => void>();
  #closing: Promise<void> | undefined;

  constructor(parts: Parts) {
    this.#parts = parts;
    const { writer, reader, clock, limits, commits } = parts;
    this.read = new Kysely<DB>({ dialect: new OwnedDialect(reader, reader.file) });
    this.#dialect = new OwnedDialect(writer, writer.file);
    this.#queue = new WriteQueue({ connection: writer, clock, limits, commits, committed: () => this.#committed() });
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
    const { writer, reader, ownership } = this.#parts;
    reader.close();
    // Folds the log into the file, so that a closed database is one file that can be copied.
    writer.exec("PRAGMA wal_checkpoint(TRUNCATE)");
    writer.close();
    ownership.release();
  }

  #committed(): void {
    for (const listener of this.#listeners) listener();
  }
}
