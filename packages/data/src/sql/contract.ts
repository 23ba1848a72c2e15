import type { Call } from "@sampan/core";
import type { Kysely, Transaction } from "kysely";

/**
 * A service's own database. `DB` is Kysely's table map; integer columns are read as `bigint`, binary ones as `Uint8Array`.
 *
 * Values may be `bigint`, `number`, `string`, `Uint8Array` and `null`; anything else (also `undefined`, a boolean, a date, NaN,
 * text with a NUL or half a surrogate pair) is refused as `INVALID_VALUE`, because engines disagree about what it means.
 *
 * Errors: everything the database refuses is an `RpcError`; a unique or other constraint as `AlreadyExists` /
 * `FailedPrecondition` (registered reasons `UNIQUE_VIOLATION`, `CONSTRAINT_VIOLATION`), a busy or full disk as `Unavailable` /
 * `ResourceExhausted`, the call's deadline or abort as the call's own error.
 */
export interface Sql<DB> {
  /**
   * A handle for reads outside a transaction; it sees only what is committed and cannot write. An embedded engine answers
   * within the turn, so a loop of reads stops the event loop until it ends: let it turn between pages (`setImmediate`).
   */
  readonly read: Kysely<DB>;
  /**
   * Runs `work` in one transaction. Resolves after the commit is durable; rejects after a rollback, with what `work` threw.
   * `tx` is the only handle that sees the transaction, and it stops working when `work` settles or the call settles (by its
   * deadline, an abort, or its end), whichever is first. Once `work` has resolved, nothing stops the commit. While it is
   * open, calling another service through the same call is refused (`CALL_IN_TRANSACTION`).
   *
   * Transactions of one database run one after the other: keep them short, and await nothing but `tx` in them; a transaction
   * started inside another waits for it, until the deadline. After a failed statement a transaction can only roll back
   * (`TRANSACTION_FAILED`), as in PostgreSQL: write `on conflict do nothing` where a conflict is expected.
   */
  transaction<T>(call: Call, work: (tx: Transaction<DB>) => Promise<T>): Promise<T>;
  /**
   * Calls the listener after each durable commit of this process; one call may stand for several transactions. It must not
   * throw and not wait. The result stops it.
   */
  onCommit(listener: () => void): () => void;
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

/**
 * Tables that belong together, with the history that made them. A database holds several: the service's own and those of the
 * parts it uses (outbox, inbox, saga). Each numbers its migrations for itself, so none disturbs another.
 */
export interface Schema {
  /** `order`, `outbox`; the key of its entries in the log. Never changes. */
  readonly name: string;
  readonly migrations: readonly Migration[];
}
