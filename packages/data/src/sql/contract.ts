import type { Call } from "@sampan/core";
import type { Kysely, Transaction } from "kysely";

/**
 * A service's own database. `DB` is Kysely's table map; integer columns are read as `bigint`.
 *
 * Errors: everything rejects with `RpcError`; a unique or check constraint as `AlreadyExists` / `FailedPrecondition`
 * (registered reasons `UNIQUE_VIOLATION`, `CONSTRAINT_VIOLATION`), a busy or full disk as `Unavailable` /
 * `ResourceExhausted`, the call's deadline or abort as the call's own error.
 */
export interface Sql<DB> {
  /** A handle for reads outside a transaction; it sees only what is committed and cannot write. */
  readonly read: Kysely<DB>;
  /**
   * Runs `work` in one transaction. Resolves after the commit is durable; rejects after a rollback. `tx` is the only
   * handle that sees the transaction, and it stops working when `work` settles or the call is aborted, whichever is
   * first. While it is open, calling another service through the same call is refused (`CALL_IN_TRANSACTION`).
   * Transactions of one database run one after the other: keep them short, and await nothing but `tx` in them.
   */
  transaction<T>(call: Call, work: (tx: Transaction<DB>) => Promise<T>): Promise<T>;
  /** Refuses new work, waits for what runs, closes the files. */
  close(): Promise<void>;
}

/** One step of a schema. Migrations run once, in order of their id; a changed one is refused. */
export interface Migration {
  /** `0001-orders`: digits first, unique, ascending. */
  readonly id: string;
  /** Statements, run in one transaction with the migration's entry in the log. Part of its checksum. */
  readonly up: readonly string[];
}
