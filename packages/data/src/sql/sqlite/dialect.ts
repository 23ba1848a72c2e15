import {
  type DatabaseConnection,
  type Dialect,
  type DialectAdapter,
  type Driver,
  type QueryCompiler,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from "kysely";
import { SqlErrors } from "../errors.js";

/** Kysely's SQLite dialect over a connection of ours. Beginning and ending transactions is not Kysely's here. */
export class OwnedDialect implements Dialect {
  readonly #driver: OwnedDriver;
  readonly #adapter = new SqliteAdapter();
  readonly #compiler = new SqliteQueryCompiler();

  constructor(connection: DatabaseConnection, file: string) {
    this.#driver = new OwnedDriver(connection, file);
  }

  createDriver(): Driver {
    return this.#driver;
  }
  createAdapter(): DialectAdapter {
    return this.#adapter;
  }
  createQueryCompiler(): QueryCompiler {
    return this.#compiler;
  }
  createIntrospector(...[db]: Parameters<Dialect["createIntrospector"]>): SqliteIntrospector {
    return new SqliteIntrospector(db);
  }
}

class OwnedDriver implements Driver {
  readonly #connection: DatabaseConnection;
  readonly #file: string;

  constructor(connection: DatabaseConnection, file: string) {
    this.#connection = connection;
    this.#file = file;
  }

  // Statements are synchronous, so one connection serves all readers without a pool.
  async init(): Promise<void> {}
  async acquireConnection(): Promise<DatabaseConnection> {
    return this.#connection;
  }
  async releaseConnection(): Promise<void> {}
  async beginTransaction(): Promise<void> {
    throw SqlErrors.SQL_READ_ONLY({ file: this.#file });
  }
  async commitTransaction(): Promise<void> {}
  async rollbackTransaction(): Promise<void> {}
  async destroy(): Promise<void> {}
}
