export { SqlErrors } from "./sql/errors.js";
export { openSqlite } from "./sql/sqlite/open-sqlite.js";
export * from "./outbox/index.js";
export * from "./broker/index.js";
export * from "./idempotency/index.js";
export * from "./paging/index.js";
export * from "./saga/index.js";
export { ownFile } from "./sql/sqlite/file-owner.js";
//# sourceMappingURL=index.js.map