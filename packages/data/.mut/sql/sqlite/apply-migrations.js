import { RpcError } from "@sampan/core";
import { SqlErrors } from "../errors.js";
import { planMigrations } from "../migration-plan.js";
/** Brings a file to the newest version of its schemas, each migration in a transaction with its entry in the log. */
export function applyMigrations(connection, schemas, clock) {
    const { file } = connection;
    connection.exec(`CREATE TABLE IF NOT EXISTS sampan_migrations (schema TEXT NOT NULL, id TEXT NOT NULL, checksum TEXT NOT NULL,
     applied_at INTEGER NOT NULL, PRIMARY KEY (schema, id))`);
    for (const migration of planMigrations(schemas, readLog(connection), file)) {
        connection.exec("BEGIN IMMEDIATE");
        try {
            for (const statement of migration.up)
                connection.exec(statement);
            connection.all("INSERT INTO sampan_migrations VALUES (?, ?, ?, ?) RETURNING id", [
                migration.schema,
                migration.id,
                migration.checksum,
                clock.now(),
            ]);
            connection.exec("COMMIT");
        }
        catch (thrown) {
            if (connection.inTransaction)
                connection.exec("ROLLBACK");
            const error = RpcError.from(thrown);
            const why = error.cause instanceof Error ? error.cause.message : error.message;
            throw SqlErrors.MIGRATION_FAILED({ file, migration: `${migration.schema}/${migration.id}`, why }, { cause: error });
        }
    }
}
function readLog(connection) {
    return connection.all("SELECT schema, id, checksum, applied_at FROM sampan_migrations").map((row) => ({
        schema: row.schema,
        id: row.id,
        checksum: row.checksum,
        appliedAt: Number(row.applied_at),
    }));
}
//# sourceMappingURL=apply-migrations.js.map