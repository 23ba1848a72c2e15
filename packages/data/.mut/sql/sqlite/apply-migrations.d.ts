import { type Clock } from "@sampan/core";
import type { Schema } from "../contract.js";
import type { SqliteConnection } from "./connection.js";
/** Brings a file to the newest version of its schemas, each migration in a transaction with its entry in the log. */
export declare function applyMigrations(connection: SqliteConnection, schemas: readonly Schema[], clock: Clock): void;
//# sourceMappingURL=apply-migrations.d.ts.map