import { type Call, type Clock, RpcError } from "@sampan/core";
import { SqlErrors } from "../errors.js";
import type { SqliteConnection } from "./connection.js";
import { callEnded, Ticket, TicketsOfCalls } from "./ticket.js";
import { TransactionHandle } from "./transaction-handle.js";

/** How many transactions may share a commit, and for how long they are gathered. */
export interface BatchLimits {
  /** Default 64. 1 gives every transaction a commit of its own. */
  readonly transactions: number;
  /** After this time no further transaction joins a batch, in ms. Default 4. */
  readonly ms: number;
}

export interface WriteQueueOptions {
  readonly connection: SqliteConnection;
  readonly clock: Clock;
  readonly limits: BatchLimits;
  readonly commits: "off-thread" | "in-thread";
  /** Whether other processes write to the file too: then a batch may have to wait for theirs, on the commits' thread. */
  readonly shared: boolean;
  /** Called after each durable commit. */
  readonly committed: () => void;
}

interface Entry {
  readonly ticket: Ticket;
  readonly work: (handle: TransactionHandle) => Promise<unknown>;
}

/**
 * Runs the transactions of one connection one after the other, those that wait together under one COMMIT (group commit): each in a
 * savepoint, so that one that fails rolls back alone; every answer is given after the commit, also that of a transaction that
 * failed because of what it read from one before it. The commit waits for the disk on another thread, so that this one goes on.
 *
 * A call that settles takes its transaction out, waiting or open; nothing else stops the queue.
 */
export class WriteQueue {
  readonly #options: WriteQueueOptions;
  readonly #holder: string;
  readonly #tickets = new TicketsOfCalls();
  #waiting: Entry[] = [];
  #head = 0;
  readonly #asides: (() => void)[] = [];
  #pumping: Promise<void> | undefined;

  constructor(options: WriteQueueOptions) {
    this.#options = options;
    this.#holder = `a transaction of ${options.connection.file}`;
  }

  run<T>(call: Call, work: (handle: TransactionHandle) => Promise<T>): Promise<T> {
    if (call.settled) return Promise.reject(callEnded(call));
    return new Promise<T>((resolve, reject) => {
      const ticket = new Ticket(call, { resolve: resolve as (value: unknown) => void, reject });
      this.#tickets.add(ticket);
      this.#waiting.push({ ticket, work });
      this.#pumping ??= this.#pump();
    });
  }

  /** Runs something short on the connection between two batches; a statement while a commit is under way makes that fail. */
  aside<T>(work: () => T): Promise<T> {
    return new Promise((resolve, reject) => {
      const run = (): void => {
        try {
          resolve(work());
        } catch (thrown) {
          reject(thrown);
        }
      };
      if (this.#pumping === undefined) run();
      else this.#asides.push(run);
    });
  }

  /** Resolves when nothing waits and nothing runs. */
  async idle(): Promise<void> {
    while (this.#pumping !== undefined) await this.#pumping;
  }

  #next(): Entry | undefined {
    while (this.#head < this.#waiting.length) {
      const entry = this.#waiting[this.#head++] as Entry;
      // Cut off what is served when it is the greater part, so that a queue that never empties does not grow.
      if (this.#head * 2 > this.#waiting.length) {
        this.#waiting = this.#waiting.slice(this.#head);
        this.#head = 0;
      }
      if (entry.ticket.state === "waiting") return entry;
    }
    return undefined;
  }

  async #pump(): Promise<void> {
    for (let entry = this.#next(); entry !== undefined; entry = this.#next()) {
      await this.#batch(entry);
      for (const run of this.#asides.splice(0)) run();
    }
    this.#pumping = undefined;
  }

  async #batch(first: Entry): Promise<void> {
    const { connection, clock, limits, commits, committed } = this.#options;
    const members: Ticket[] = [];
    try {
      await this.#begin();
      const startedAt = clock.monotonic();
      let entry: Entry | undefined = first;
      while (entry !== undefined) {
        // One whose call has settled while the batch had to wait for its beginning has its answer.
        if (entry.ticket.state === "waiting") {
          members.push(entry.ticket);
          await this.#member(entry, members.length > 1);
        }
        if (!connection.inTransaction) break;
        if (members.length >= limits.transactions || clock.monotonic() - startedAt >= limits.ms) break;
        entry = this.#next();
      }
      // The first one has no savepoint; when it fails alone the whole transaction is gone, and there is nothing to commit.
      if (connection.inTransaction) {
        if (commits === "off-thread") await connection.execOffThread("COMMIT");
        else connection.exec("COMMIT");
        committed();
      }
      for (const ticket of members) this.#tell(ticket);
    } catch (thrown) {
      const error = RpcError.from(thrown);
      // SQLite ends the transaction itself after some errors (a full disk), and keeps it after others.
      if (connection.inTransaction) connection.exec("ROLLBACK");
      if (members.length === 0) members.push(first.ticket);
      for (const ticket of members) this.#tell(ticket, error);
    }
  }

  async #begin(): Promise<void> {
    const { connection, commits, shared } = this.#options;
    if (shared && commits === "off-thread") await connection.execOffThread("BEGIN IMMEDIATE");
    else connection.exec("BEGIN IMMEDIATE");
  }

  #tell(ticket: Ticket, error?: RpcError): void {
    this.#tickets.remove(ticket);
    ticket.tell(error);
  }

  /** Runs one transaction of a batch. Throws when it took the others with it. */
  async #member({ ticket, work }: Entry, joined: boolean): Promise<void> {
    const { connection } = this.#options;
    if (joined) connection.exec("SAVEPOINT member");
    const handle = new TransactionHandle(connection);
    await ticket.open(this.#holder, handle, work);
    if (handle.failed !== undefined) ticket.failure ??= { error: handle.failure() };
    if (!connection.inTransaction) {
      // SQLite has rolled everything back, for the members before this one too.
      throw handle.failed ?? SqlErrors.SQL_IO({ file: connection.file });
    }
    if (ticket.failure === undefined) {
      if (joined) connection.exec("RELEASE member");
    } else if (joined) {
      connection.exec("ROLLBACK TO member; RELEASE member");
      if (ticket.call.settled) this.#tell(ticket);
    } else {
      connection.exec("ROLLBACK");
    }
  }
}
