import { Code, defineErrors, type Errors } from "@sampan/core";

type Reason =
  | "UNIQUE_VIOLATION"
  | "CONSTRAINT_VIOLATION"
  | "INVALID_VALUE"
  | "SQL_BUSY"
  | "DISK_FULL"
  | "SQL_IO"
  | "SQL_DAMAGED"
  | "SQL_READ_ONLY"
  | "SQL_STATEMENT"
  | "SQL_CLOSED"
  | "FILE_IN_USE"
  | "TRANSACTION_CLOSED"
  | "TRANSACTION_FAILED"
  | "MIGRATION_CHANGED"
  | "MIGRATION_UNKNOWN"
  | "MIGRATION_OUT_OF_ORDER"
  | "MIGRATION_FAILED";

/** What a database refuses, the same on every engine. */
export const SqlErrors: Errors<Reason> = defineErrors("data", {
  UNIQUE_VIOLATION: {
    code: Code.AlreadyExists,
    message: "there is a row with this {constraint} already",
    fix: "read the row that exists, or use another value; where a conflict is expected, insert with on conflict do nothing",
  },
  CONSTRAINT_VIOLATION: {
    code: Code.FailedPrecondition,
    message: "the constraint {constraint} does not allow this change",
    fix: "check the value before writing it; the constraint is the last line of defence",
  },
  INVALID_VALUE: {
    code: Code.InvalidArgument,
    message: "a database cannot store {value}",
    fix: "store bigint, number, string, bytes or null; booleans as 0n and 1n, times as milliseconds; no NUL in text",
  },
  SQL_BUSY: {
    code: Code.Unavailable,
    message: "{file} is locked by another program",
    fix: "retry; if it lasts, close the tool that has the database open for writing",
  },
  DISK_FULL: {
    code: Code.ResourceExhausted,
    message: "the disk of {file} is full, and the change was rolled back",
    fix: "free space or enlarge the volume; nothing is damaged",
  },
  SQL_IO: {
    code: Code.Unavailable,
    message: "{file} cannot be read or written",
    fix: "check the volume, its permissions and the log of this service, which has the cause",
  },
  SQL_DAMAGED: {
    code: Code.DataLoss,
    message: "{file} is damaged or no database",
    fix: "stop the service and restore the file from a backup; do not delete its -wal file before",
  },
  SQL_READ_ONLY: {
    code: Code.Internal,
    message: "a write was sent to the read handle of {file}",
    fix: "write through transaction(), with its own handle",
  },
  SQL_STATEMENT: {
    code: Code.Internal,
    message: "a statement for {file} is wrong: see the log of the service",
    fix: "correct the statement, or add the migration it needs",
  },
  SQL_CLOSED: {
    code: Code.Unavailable,
    message: "{file} is closed",
    fix: "retry; the process is shutting down",
  },
  FILE_IN_USE: {
    code: Code.FailedPrecondition,
    message: "{file} is in use by {owner}",
    fix: "stop that process, or use another data folder; only one process may open a database file",
  },
  TRANSACTION_CLOSED: {
    code: Code.Internal,
    message: "a statement came after its transaction of {file} had ended",
    fix: "await every statement inside the function given to transaction()",
  },
  TRANSACTION_FAILED: {
    code: Code.Internal,
    message: "a statement of this transaction of {file} failed, so it can only roll back",
    fix: "let the error leave the transaction; where a conflict is expected, insert with on conflict do nothing",
  },
  MIGRATION_CHANGED: {
    code: Code.FailedPrecondition,
    message: "{file}: migration {migration} is not the one that was run on {when}",
    fix: "put the migration back as it was and add a new one with the change",
  },
  MIGRATION_UNKNOWN: {
    code: Code.FailedPrecondition,
    message: "{file} has migration {migration}, which this program does not know",
    fix: "run the version that made it, or a later one; a removed migration must be put back",
  },
  MIGRATION_OUT_OF_ORDER: {
    code: Code.FailedPrecondition,
    message: "{file}: migration {migration} is new but comes before {applied}, which has run",
    fix: "give the new migration the highest number",
  },
  MIGRATION_FAILED: {
    code: Code.FailedPrecondition,
    message: "{file}: migration {migration} failed and was rolled back: {why}",
    fix: "correct its statements; migrations before it are kept",
  },
});
