import { type Errors } from "@sampan/core";
type Reason = "UNIQUE_VIOLATION" | "CONSTRAINT_VIOLATION" | "INVALID_VALUE" | "SQL_BUSY" | "DISK_FULL" | "SQL_IO" | "SQL_DAMAGED" | "SQL_READ_ONLY" | "SQL_STATEMENT" | "SQL_CLOSED" | "FILE_IN_USE" | "TRANSACTION_CLOSED" | "TRANSACTION_FAILED" | "MIGRATION_CHANGED" | "MIGRATION_UNKNOWN" | "MIGRATION_OUT_OF_ORDER" | "MIGRATION_FAILED";
/** What a database refuses, the same on every engine. */
export declare const SqlErrors: Errors<Reason>;
export {};
//# sourceMappingURL=errors.d.ts.map