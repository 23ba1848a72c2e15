import type { RpcError } from "@sampan/core";
import {
  type CompiledQuery,
  type DatabaseConnection,
  DefaultQueryExecutor,
  type Dialect,
  type QueryResult,
  Transaction,
} from "kysely";
import { SqlErrors } from "../errors.js";
import type { SqliteConnection } from "./connection.js";

/** The handle of one transaction: passes statements on until it is closed, and none after one has failed. */
export class TransactionHandle implements DatabaseConnection {
  readonly #connection: SqliteConnection;
  // Every transaction is closed, and hardly any is used afterwards: the error is made when it is needed.
  #closed: (() => RpcError) | undefined;
  /** The first statement that failed. */
  failed: RpcError | undefined;

  constructor(connection: SqliteConnection) {
    this.#connection = connection;
  }

  /** From now on statements are refused: with the error that stopped the transaction, or as too late. */
  close(why?: RpcError): void {
    this.#closed = () => why ?? SqlErrors.TRANSACTION_CLOSED({ file: this.#connection.file });
  }

  async executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    if (this.#closed !== undefined) throw this.#closed();
    if (this.failed !== undefined) throw this.failure();
    try {
      return await this.#connection.executeQuery<R>(query);
    } catch (thrown) {
      this.failed ??= thrown as RpcError;
      throw thrown;
    }
  }

  async *streamQuery<R>(query: CompiledQuery): AsyncIterableIterator<QueryResult<R>> {
    yield await this.executeQuery<R>(query);
  }

  /** What a transaction is rejected with that went on after a failed statement. */
  failure(): RpcError {
    return SqlErrors.TRANSACTION_FAILED({ file: this.#connection.file }, { cause: this.failed });
  }
}

/** Makes Kysely's transaction object over a handle; cheaper than Kysely's own, which takes a connection from a pool first. */
export function transactionOver<DB>(handle: TransactionHandle, dialect: Dialect): Transaction<DB> {
  const executor = new DefaultQueryExecutor(dialect.createQueryCompiler(), dialect.createAdapter(), {
    provideConnection: (consumer) => consumer(handle),
  });
  return new Transaction<DB>({ config: { dialect }, driver: dialect.createDriver(), executor, dialect });
}
