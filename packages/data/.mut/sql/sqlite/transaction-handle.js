import { DefaultQueryExecutor, Transaction, } from "kysely";
import { SqlErrors } from "../errors.js";
/** The handle of one transaction: passes statements on until it is closed, and none after one has failed. */
export class TransactionHandle {
    #connection;
    #closed;
    /** The first statement that failed. */
    failed;
    constructor(connection) {
        this.#connection = connection;
    }
    /** From now on statements are refused: with the error that stopped the transaction, or as too late. */
    close(why) {
        this.#closed = why ?? SqlErrors.TRANSACTION_CLOSED({ file: this.#connection.file });
    }
    async executeQuery(query) {
        if (this.#closed !== undefined)
            throw this.#closed;
        if (this.failed !== undefined)
            throw this.failure();
        try {
            return await this.#connection.executeQuery(query);
        }
        catch (thrown) {
            this.failed ??= thrown;
            throw thrown;
        }
    }
    async *streamQuery(query) {
        yield await this.executeQuery(query);
    }
    /** What a transaction is rejected with that went on after a failed statement. */
    failure() {
        return SqlErrors.TRANSACTION_FAILED({ file: this.#connection.file }, { cause: this.failed });
    }
}
/** Makes Kysely's transaction object over a handle; cheaper than Kysely's own, which takes a connection from a pool first. */
export function transactionOver(handle, dialect) {
    const executor = new DefaultQueryExecutor(dialect.createQueryCompiler(), dialect.createAdapter(), {
        provideConnection: (consumer) => consumer(handle),
    });
    return new Transaction({ config: { dialect }, driver: dialect.createDriver(), executor, dialect });
}
//# sourceMappingURL=transaction-handle.js.map