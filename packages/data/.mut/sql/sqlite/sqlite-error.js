import { RpcError } from "@sampan/core";
import { SqlErrors } from "../errors.js";
/** Turns what the driver throws into registered errors. `statement` is logged with an error that is a fault of ours. */
export function fromSqlite(thrown, file, logger, statement = "") {
    if (thrown instanceof RpcError)
        return thrown;
    const { code = "", message } = thrown;
    const options = { cause: thrown };
    if (code.startsWith("SQLITE_CONSTRAINT")) {
        // "UNIQUE constraint failed: orders.number", "CHECK constraint failed: available >= 0", "FOREIGN KEY constraint failed"
        const constraint = message.replace(/^(\w+(?: \w+)?) constraint failed(?:: )?/, (_, kind) => `${kind} `).trim();
        return /UNIQUE|PRIMARYKEY|ROWID/.test(code)
            ? SqlErrors.UNIQUE_VIOLATION({ constraint: constraint.replace(/^UNIQUE /, "") }, options)
            : SqlErrors.CONSTRAINT_VIOLATION({ constraint }, options);
    }
    if (/^SQLITE_(BUSY|LOCKED)/.test(code))
        return SqlErrors.SQL_BUSY({ file }, options);
    if (code === "SQLITE_TOOBIG")
        return SqlErrors.INVALID_VALUE({ value: "so large a value" }, options);
    if (code === "SQLITE_FULL")
        return report(SqlErrors.DISK_FULL({ file }, options));
    if (/^SQLITE_(IOERR|CANTOPEN|PERM|AUTH|NOLFS)/.test(code))
        return report(SqlErrors.SQL_IO({ file }, options));
    if (/^SQLITE_(CORRUPT|NOTADB)/.test(code))
        return report(SqlErrors.SQL_DAMAGED({ file }, options));
    if (code.startsWith("SQLITE_READONLY"))
        return report(SqlErrors.SQL_READ_ONLY({ file }, options));
    if (code === "" && /not open/.test(message))
        return SqlErrors.SQL_CLOSED({ file }, options);
    return report(SqlErrors.SQL_STATEMENT({ file }, options));
    // Callers learn only that something is wrong; what it is must be found somewhere.
    function report(error) {
        logger.error(error.message, { sqlite: code, reason: message, statement });
        return error;
    }
}
//# sourceMappingURL=sqlite-error.js.map