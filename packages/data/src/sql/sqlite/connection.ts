import type { RpcError } from "@sampan/core";
import type { Logger } from "@sampan/core/ports";
import type { CompiledQuery, DatabaseConnection, QueryResult } from "kysely";
import Libsql from "libsql";
import LibsqlPromise from "libsql/promise";
import { SqlErrors } from "../errors.js";
import { bind, unbind } from "./binding.js";
import { fromSqlite } from "./sqlite-error.js";

/** The part of the driver that is used; statements run at once, on this thread. */
interface Driver {
  readonly inTransaction: boolean;
  prepare(sql: string): DriverStatement;
  exec(sql: string): void;
  defaultSafeIntegers(on: boolean): void;
  close(): void;
}

interface DriverStatement {
  readonly reader: boolean;
  all(parameters: readonly unknown[]): Record<string, unknown>[];
  run(parameters: readonly unknown[]): { readonly changes: number; readonly lastInsertRowid: number | bigint };
}

interface Prepared {
  readonly statement: DriverStatement;
  readonly reader: boolean;
}

// Preparing a look-up by key costs more than running it: 9 µs and 8 µs (docs/design/0003-sqlite-in-process.md).
const cachedStatements = 256;
const ownedByUs = /^\s*(begin|commit|end|rollback|savepoint|release|attach|detach|vacuum|pragma)\b/i;

/**
 * One connection to a SQLite file. Statements are synchronous: nothing else of this process runs meanwhile, so a deadline can stop
 * a transaction only between two of them. `execOffThread` is the exception: during it, nobody may use this connection.
 */
export class SqliteConnection implements DatabaseConnection {
  readonly file: string;
  readonly #driver: Driver;
  readonly #logger: Logger;
  readonly #prepared = new Map<string, Prepared>();

  constructor(file: string, path: string, busyMs: number, logger: Logger) {
    this.file = file;
    this.#logger = logger;
    try {
      this.#driver = new (Libsql as unknown as new (path: string, options: object) => Driver)(path, {
        timeout: busyMs,
      });
    } catch (thrown) {
      throw fromSqlite(thrown, file, logger);
    }
    this.#driver.defaultSafeIntegers(true);
  }

  get inTransaction(): boolean {
    return this.#driver.inTransaction;
  }

  /** Runs statements without parameters and results. */
  exec(sql: string): void {
    try {
      this.#driver.exec(sql);
    } catch (thrown) {
      throw fromSqlite(thrown, this.file, this.#logger, sql);
    }
  }

  /**
   * The same on a thread of the driver, so that waiting for the disk does not stop this one. Both flavours of the driver wrap one
   * native handle, called `db`; only the other one offers `exec` off the thread (libsql 0.5.29, pinned).
   */
  async execOffThread(sql: string): Promise<void> {
    const { exec } = LibsqlPromise.prototype as unknown as { exec(this: Driver, sql: string): Promise<void> };
    try {
      await exec.call(this.#driver, sql);
    } catch (thrown) {
      throw fromSqlite(thrown, this.file, this.#logger, sql);
    }
  }

  /** For statements of ours: rows, with parameters. */
  all(sql: string, parameters: readonly unknown[] = []): Record<string, unknown>[] {
    try {
      return unbind(this.#driver.prepare(sql).all(bind(parameters)));
    } catch (thrown) {
      throw fromSqlite(thrown, this.file, this.#logger, sql);
    }
  }

  executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    try {
      return Promise.resolve(this.#execute<R>(query.sql, bind(query.parameters)));
    } catch (thrown) {
      return Promise.reject(fromSqlite(thrown, this.file, this.#logger, query.sql));
    }
  }

  /** All rows at once: an open cursor would keep old pages of the log alive for as long as its reader likes. */
  async *streamQuery<R>(query: CompiledQuery): AsyncIterableIterator<QueryResult<R>> {
    yield await this.executeQuery<R>(query);
  }

  close(): void {
    this.#prepared.clear();
    this.#driver.close();
  }

  #execute<R>(sql: string, parameters: unknown[]): QueryResult<R> {
    const { statement, reader } = this.#prepare(sql);
    if (reader) return { rows: unbind(statement.all(parameters)) as R[] };
    const { changes, lastInsertRowid } = statement.run(parameters);
    return { rows: [], numAffectedRows: BigInt(changes), insertId: BigInt(lastInsertRowid) };
  }

  #prepare(sql: string): Prepared {
    let prepared = this.#prepared.get(sql);
    if (prepared === undefined) {
      if (ownedByUs.test(sql)) throw this.#refused(sql);
      const statement = this.#driver.prepare(sql);
      prepared = { statement, reader: statement.reader };
      if (this.#prepared.size >= cachedStatements) this.#prepared.delete(this.#prepared.keys().next().value as string);
    } else {
      this.#prepared.delete(sql);
    }
    // Set again, so that the map's order is that of the last use.
    this.#prepared.set(sql, prepared);
    return prepared;
  }

  /** Beginning, ending and configuring belong to the owner of the connection; a stray COMMIT would break the others' batch. */
  #refused(sql: string): RpcError {
    this.#logger.error(`${this.file}: transaction control and pragmas are not for services`, { statement: sql });
    return SqlErrors.SQL_STATEMENT({ file: this.file });
  }
}
