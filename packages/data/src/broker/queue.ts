import { type Clock, CoreErrors, Runtime, silentLogger, systemClock } from "@sampan/core";
import type { Broker, BrokerMessage, Logger, SubscribeOptions, Subscription } from "@sampan/core/ports";
import { openSqlite, type SqliteOptions, type SqliteSql } from "../sql/sqlite/open-sqlite.js";
import type { Backoff } from "./backoff.js";
import { Consumer, type ConsumerHost } from "./consumer.js";
import { type DeadLetter, readDeadLetters, redriveDeadLetter } from "./dead-letters.js";
import { Groups } from "./group.js";
import { Pruner } from "./pruner.js";
import { QueueErrors } from "./queue-errors.js";
import { addGroup, recover } from "./queue-groups.js";
import { checkMessages, checkName, defaultQueueLimits, type QueueLimits } from "./queue-limits.js";
import { type QueueTables, queueSchema } from "./queue-schema.js";
import { type Transact, Turns } from "./turns.js";

export interface QueueOptions {
  /** A SQLite file of the queue's own; made when it is missing. This process owns it. */
  readonly file: string;
  readonly clock?: Clock;
  readonly logger?: Logger;
  readonly limits?: Partial<QueueLimits>;
  /** Between the attempts of a message. Default 200 ms to 60 s. */
  readonly backoff?: Backoff;
  /** How long an id is remembered, in ms. Default 7 days. */
  readonly dedupeWindowMs?: number;
  /** Messages older than this are deleted, dead letters and those that nobody consumes too, in ms. Default 30 days. */
  readonly retentionMs?: number;
  /** How often old ids and messages are deleted, in ms. Default 1 hour. */
  readonly pruneEveryMs?: number;
  /** How long `close` waits for messages in work, in ms. Default 10000. */
  readonly closeGraceMs?: number;
  /** In [0, 1); for the jitter of the backoff. */
  readonly random?: () => number;
  /** See `SqliteOptions`; tests with a fake clock commit `in-thread`. */
  readonly commits?: NonNullable<SqliteOptions["commits"]>;
}

/** The table-backed queue: the broker of a process without an external one. */
export interface Queue extends Broker {
  deadLetters(topic: string, group: string, limit?: number): Promise<readonly DeadLetter[]>;
  /** Messages that some group has not acknowledged, dead letters included. */
  readonly backlog: number;
  /** Deletes what is too old now; otherwise it happens every `pruneEveryMs`. */
  prune(): Promise<void>;
}

const day = 24 * 60 * 60 * 1000;

/**
 * Opens a queue in a file of its own. What an earlier process had in work is delivered again at once.
 *
 * At least once: a message is deleted after its handler has resolved and that is durable. Order: within a group, the
 * messages of a key one after the other. Deduplication: by topic and id. `close` takes no more messages, waits for those
 * in work, gives the rest back, and closes the file. Rejects with errors of `QueueErrors` and of the database.
 */
export async function openQueue(options: QueueOptions): Promise<Queue> {
  const { file, clock = systemClock, logger = silentLogger } = options;
  const { commits = "off-thread" } = options;
  const sql = await openSqlite<QueueTables>({ file, schemas: [queueSchema], clock, logger, commits });
  // Transactions want a call; these have no caller whose deadline they could miss.
  const runtime = new Runtime({
    name: "queue",
    clock,
    logger,
    connect: (service) => {
      throw CoreErrors.UNAVAILABLE({ service, why: "a queue calls no services" });
    },
  });
  const transaction: Transact = (work) =>
    runtime.run({ name: "queue/turn", timeoutMs: Number.POSITIVE_INFINITY }, (call) => sql.transaction(call, work));
  try {
    const recovered = await transaction(recover);
    if (recovered.interrupted > 0) {
      logger.info("messages that were in work when the queue stopped are delivered again", {
        count: recovered.interrupted,
      });
    }
    const limits = { ...defaultQueueLimits, ...options.limits };
    const groups = new Groups(recovered.groups);
    const dedupeWindowMs = options.dedupeWindowMs ?? 7 * day;
    const { nextSeq, backlog } = recovered;
    const turns = new Turns({ groups, clock, logger, limits, dedupeWindowMs, nextSeq, backlog, transaction });
    const retentionMs = options.retentionMs ?? 30 * day;
    const everyMs = options.pruneEveryMs ?? 60 * 60 * 1000;
    const pruner = new Pruner({ clock, logger, turns, groups, transaction, dedupeWindowMs, retentionMs, everyMs });
    return new TableQueue({ options, sql, clock, logger, limits, groups, turns, pruner, transaction });
  } catch (error) {
    await sql.close();
    throw error;
  }
}

interface Parts {
  readonly options: QueueOptions;
  readonly sql: SqliteSql<QueueTables>;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly limits: QueueLimits;
  readonly groups: Groups;
  readonly turns: Turns;
  readonly pruner: Pruner;
  readonly transaction: Transact;
}

class TableQueue implements Queue {
  readonly #parts: Parts;
  readonly #host: ConsumerHost;
  #closing: Promise<void> | undefined;

  constructor(parts: Parts) {
    this.#parts = parts;
    const { clock, logger, turns } = parts;
    this.#host = {
      clock,
      logger,
      random: parts.options.random ?? Math.random,
      settle: (settlement) => turns.settle(settlement),
      drain: () => turns.drain(),
      wake: () => turns.wake(),
    };
  }

  get backlog(): number {
    return this.#parts.turns.backlog;
  }

  async publish(messages: readonly BrokerMessage[]): Promise<void> {
    this.#checkOpen();
    checkMessages(messages, this.#parts.limits);
    if (messages.length > 0) await this.#parts.turns.publish(messages);
  }

  async subscribe(options: SubscribeOptions): Promise<Subscription> {
    this.#checkOpen();
    const { groups, turns, transaction, limits } = this.#parts;
    checkName("topic", options.topic, limits);
    checkName("group", options.group, limits);
    const group =
      groups.find(options.topic, options.group) ??
      groups.add(await transaction((tx) => addGroup(tx, options.topic, options.group)));
    this.#checkOpen();
    const consumer = new Consumer(
      group,
      {
        ...options,
        concurrency: options.concurrency ?? 8,
        visibilityMs: options.visibilityMs ?? 30_000,
        maxAttempts: options.maxAttempts ?? 10,
        backoff: this.#parts.options.backoff ?? { initialMs: 200, maxMs: 60_000 },
      },
      this.#host,
    );
    turns.wake();
    return consumer;
  }

  async deadLetters(topic: string, group: string, limit = 100): Promise<readonly DeadLetter[]> {
    this.#checkOpen();
    const found = this.#parts.groups.find(topic, group);
    return found === undefined ? [] : readDeadLetters(this.#parts.sql.read, found.id, limit);
  }

  async redrive(topic: string, group: string, id: string): Promise<boolean> {
    this.#checkOpen();
    const { groups, transaction, clock, turns } = this.#parts;
    const found = groups.find(topic, group);
    if (found === undefined) return false;
    const redriven = await transaction((tx) => redriveDeadLetter(tx, found.id, id, clock.now()));
    if (redriven) found.hungry = true;
    turns.wake();
    return redriven;
  }

  async prune(): Promise<void> {
    this.#checkOpen();
    await this.#parts.pruner.prune();
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    const { groups, turns, pruner, sql, options } = this.#parts;
    pruner.close();
    const consumers = [...groups.consumed()].flatMap((group) => [...group.consumers]);
    await Promise.all(consumers.map((consumer) => consumer.close(options.closeGraceMs)));
    await turns.drain();
    turns.close();
    await sql.close();
  }

  #checkOpen(): void {
    if (this.#closing !== undefined) throw QueueErrors.QUEUE_CLOSED();
  }
}
