import { type Clock, RpcError } from "@sampan/core";
import type { Schema } from "../contract.js";
import { SqlErrors } from "../errors.js";
import { type AppliedMigration, planMigrations } from "../migration-plan.js";
import type { SqliteConnection } from "./connection.js";

/**
 * Brings a file to the newest version of its schemas, in one transaction: of several processes that open it one migrates,
 * and the others wait and find it done. Each migration is written to the log; one that fails leaves those before it.
 */
export function applyMigrations(connection: SqliteConnection, schemas: readonly Schema[], clock: Clock): void {
  const { file } = connection;
  connection.exec("BEGIN IMMEDIATE");
  try {
    connection.exec(
      `CREATE TABLE IF NOT EXISTS sampan_migrations (schema TEXT NOT NULL, id TEXT NOT NULL, checksum TEXT NOT NULL,
       applied_at INTEGER NOT NULL, PRIMARY KEY (schema, id))`,
    );
    for (const migration of planMigrations(schemas, readLog(connection), file)) {
      connection.exec("SAVEPOINT migration");
      try {
        for (const statement of migration.up) connection.exec(statement);
        connection.all("INSERT INTO sampan_migrations VALUES (?, ?, ?, ?) RETURNING id", [
          migration.schema,
          migration.id,
          migration.checksum,
          clock.now(),
        ]);
        connection.exec("RELEASE migration");
      } catch (thrown) {
        // What went well before is kept, unless SQLite has ended the whole transaction.
        if (connection.inTransaction) connection.exec("ROLLBACK TO migration; RELEASE migration; COMMIT");
        const error = RpcError.from(thrown);
        const why = error.cause instanceof Error ? error.cause.message : error.message;
        throw SqlErrors.MIGRATION_FAILED(
          { file, migration: `${migration.schema}/${migration.id}`, why },
          { cause: error },
        );
      }
    }
    connection.exec("COMMIT");
  } catch (thrown) {
    if (connection.inTransaction) connection.exec("ROLLBACK");
    throw thrown;
  }
}

function readLog(connection: SqliteConnection): AppliedMigration[] {
  return connection.all("SELECT schema, id, checksum, applied_at FROM sampan_migrations").map((row) => ({
    schema: row.schema as string,
    id: row.id as string,
    checksum: row.checksum as string,
    appliedAt: Number(row.applied_at),
  }));
}
