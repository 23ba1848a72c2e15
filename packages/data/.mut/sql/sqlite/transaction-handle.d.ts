import type { RpcError } from "@sampan/core";
import { type CompiledQuery, type DatabaseConnection, type Dialect, type QueryResult, Transaction } from "kysely";
import type { SqliteConnection } from "./connection.js";
/** The handle of one transaction: passes statements on until it is closed, and none after one has failed. */
export declare class TransactionHandle implements DatabaseConnection {
    #private;
    /** The first statement that failed. */
    failed: RpcError | undefined;
    constructor(connection: SqliteConnection);
    /** From now on statements are refused: with the error that stopped the transaction, or as too late. */
    close(why?: RpcError): void;
    executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>>;
    streamQuery<R>(query: CompiledQuery): AsyncIterableIterator<QueryResult<R>>;
    /** What a transaction is rejected with that went on after a failed statement. */
    failure(): RpcError;
}
/** Makes Kysely's transaction object over a handle; cheaper than Kysely's own, which takes a connection from a pool first. */
export declare function transactionOver<DB>(handle: TransactionHandle, dialect: Dialect): Transaction<DB>;
//# sourceMappingURL=transaction-handle.d.ts.map