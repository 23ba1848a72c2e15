export type { Migration, Schema, Sql } from "./sql/contract.js";
export { SqlErrors } from "./sql/errors.js";
export type { Durability } from "./sql/sqlite/durability.js";
export { openSqlite, type SqliteOptions, type SqliteSql } from "./sql/sqlite/open-sqlite.js";
export type { BatchLimits } from "./sql/sqlite/write-queue.js";
export * from "./outbox/index.js";
export * from "./broker/index.js";
export * from "./idempotency/index.js";
export * from "./paging/index.js";
export * from "./saga/index.js";
export type { Transaction as SqlTransaction } from "kysely";
export { ownFile, type FileOwnership } from "./sql/sqlite/file-owner.js";
//# sourceMappingURL=index.d.ts.map