import { RpcError } from "@sampan/core";
import type { Logger } from "@sampan/core/ports";
import { SqlErrors } from "../errors.js";

/** What the driver throws; `code` is the name of SQLite's extended result code (sqlite.org/rescode.html). */
interface DriverError extends Error {
  readonly code?: string;
}

/** Turns what the driver throws into registered errors. `statement` is logged with an error that is a fault of ours. */
export function fromSqlite(thrown: unknown, file: string, logger: Logger, statement = ""): RpcError {
  if (thrown instanceof RpcError) return thrown;
  const { code = "", message } = thrown as DriverError;
  const options = { cause: thrown };
  if (code.startsWith("SQLITE_CONSTRAINT")) {
    // "UNIQUE constraint failed: orders.number", "CHECK constraint failed: available >= 0", "FOREIGN KEY constraint failed"
    const constraint = message
      .replace(/^(\w+(?: \w+)?) constraint failed(?:: )?/, (_, kind: string) => `${kind} `)
      .trim();
    return /UNIQUE|PRIMARYKEY|ROWID/.test(code)
      ? SqlErrors.UNIQUE_VIOLATION({ constraint: constraint.replace(/^UNIQUE /, "") }, options)
      : SqlErrors.CONSTRAINT_VIOLATION({ constraint }, options);
  }
  if (/^SQLITE_(BUSY|LOCKED)/.test(code)) return SqlErrors.SQL_BUSY({ file }, options);
  if (code === "SQLITE_TOOBIG") return SqlErrors.INVALID_VALUE({ value: "so large a value" }, options);
  if (code === "SQLITE_FULL") return report(SqlErrors.DISK_FULL({ file }, options));
  if (/^SQLITE_(IOERR|CANTOPEN|PERM|AUTH|NOLFS)/.test(code)) return report(SqlErrors.SQL_IO({ file }, options));
  if (/^SQLITE_(CORRUPT|NOTADB)/.test(code)) return report(SqlErrors.SQL_DAMAGED({ file }, options));
  if (code.startsWith("SQLITE_READONLY")) return report(SqlErrors.SQL_READ_ONLY({ file }, options));
  // Opening fails without a code: `ConnectionFailed("Unable to open connection to local database …: 14")`.
  if (code === "" && message.startsWith("ConnectionFailed")) return report(SqlErrors.SQL_IO({ file }, options));
  if (code === "" && /not open/.test(message)) return SqlErrors.SQL_CLOSED({ file }, options);
  return report(SqlErrors.SQL_STATEMENT({ file }, options));

  // Callers learn only that something is wrong; what it is must be found somewhere.
  function report(error: RpcError): RpcError {
    logger.error(error.message, { sqlite: code, reason: message, statement });
    return error;
  }
}
