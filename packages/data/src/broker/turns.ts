import type { CancelTimer, Clock } from "@sampan/core";
import type { BrokerMessage, Logger } from "@sampan/core/ports";
import type { Transaction } from "kysely";
import type { Consumer } from "./consumer.js";
import type { Group, Groups } from "./group.js";
import { type Claimed, claimReady, nextDue } from "./queue-claim.js";
import { QueueErrors } from "./queue-errors.js";
import { insertMessages, promote } from "./queue-insert.js";
import type { QueueLimits } from "./queue-limits.js";
import type { QueueTables } from "./queue-schema.js";
import { writeSettlements } from "./queue-settle.js";
import type { Settlement } from "./settlement.js";

/** Messages that wait for the commit of the turn that stores them. */
interface Publish {
  readonly messages: readonly BrokerMessage[];
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** Runs one transaction of the queue file. */
export type Transact = <T>(work: (tx: Transaction<QueueTables>) => Promise<T>) => Promise<T>;

export interface TurnsOptions {
  readonly groups: Groups;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly limits: QueueLimits;
  readonly dedupeWindowMs: number;
  readonly nextSeq: number;
  readonly backlog: number;
  readonly transaction: Transact;
}

/** Messages of one transaction, beyond the publish that crosses the line. */
const messagesOfTurn = 1000;
/** After a commit failed (disk full or busy). */
const retryAfterMs = 1000;

interface Handover {
  readonly consumer: Consumer;
  readonly batch: readonly Claimed[];
}

/**
 * The queue's only writer, in turns: one transaction stores what was published, writes how deliveries ended, and claims
 * for every consumer that has room, all that came together since the last turn. So the cost of a commit is shared, and
 * a publish wakes its consumers in the same turn, without polling.
 *
 * A turn that fails rejects its publishes, keeps its settlements for the next turn, and hands nothing out.
 */
export class Turns {
  readonly #options: TurnsOptions;
  #publishes: Publish[] = [];
  #settlements: Settlement[] = [];
  #waiting = 0;
  #backlog: number;
  #nextSeq: number;
  #scheduled = false;
  #running = false;
  #closed = false;
  #failures = 0;
  #cancelDue: CancelTimer | undefined;
  #dueAt = Number.POSITIVE_INFINITY;
  #idle: (() => void)[] = [];

  constructor(options: TurnsOptions) {
    this.#options = options;
    this.#nextSeq = options.nextSeq;
    this.#backlog = options.backlog;
  }

  /** Messages that some group has not acknowledged. */
  get backlog(): number {
    return this.#backlog;
  }

  /** Resolves when the messages are durable. */
  publish(messages: readonly BrokerMessage[]): Promise<void> {
    const { limits } = this.#options;
    if (this.#waiting + messages.length > limits.pending) {
      return Promise.reject(QueueErrors.QUEUE_BUSY({ size: String(this.#waiting) }));
    }
    if (this.#backlog + this.#waiting + messages.length > limits.backlog) {
      return Promise.reject(QueueErrors.QUEUE_FULL({ size: String(this.#backlog) }));
    }
    this.#waiting += messages.length;
    return new Promise((resolve, reject) => {
      this.#publishes.push({ messages, resolve, reject });
      this.wake();
    });
  }

  settle(settlement: Settlement): void {
    this.#settlements.push(settlement);
    this.wake();
  }

  /** Takes a turn soon: after what runs now, so that what happens together is written together. */
  wake(): void {
    if (this.#scheduled || this.#running || this.#closed) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      void this.#run();
    });
  }

  /** After `deleted` messages were removed outside a turn. */
  forget(deleted: number): void {
    this.#backlog -= deleted;
  }

  /** Resolves when everything published and settled so far has been written, or a turn has failed. */
  async drain(): Promise<void> {
    const failures = this.#failures;
    while (
      this.#failures === failures &&
      (this.#running || this.#publishes.length > 0 || this.#settlements.length > 0)
    ) {
      this.wake();
      await new Promise<void>((resolve) => this.#idle.push(resolve));
    }
  }

  close(): void {
    this.#closed = true;
    this.#cancelDue?.();
  }

  async #run(): Promise<void> {
    if (!this.#hasWork()) return this.#rest();
    this.#running = true;
    const publishes = this.#takePublishes();
    const settlements = this.#settlements.splice(0);
    try {
      const handovers = await this.#options.transaction((tx) => this.#turn(tx, publishes, settlements));
      for (const publish of publishes) publish.resolve();
      for (const { consumer, batch } of handovers) consumer.take(batch);
      this.#running = false;
      if (this.#hasWork()) this.wake();
    } catch (error) {
      this.#failures++;
      for (const publish of publishes) publish.reject(error);
      this.#settlements = [...settlements, ...this.#settlements];
      for (const group of this.#options.groups.consumed()) group.hungry = true;
      this.#options.logger.error("the queue could not write", { error, publishes: publishes.length });
      this.#running = false;
      this.#wakeAt(this.#options.clock.now() + retryAfterMs);
    }
    this.#rest();
  }

  /** A turn is over: those who wait for it go on, and the next due time is waited for. */
  #rest(): void {
    for (const resolve of this.#idle.splice(0)) resolve();
    for (const group of this.#options.groups.consumed()) if (group.nextDue !== undefined) this.#wakeAt(group.nextDue);
  }

  /** Leaves the rest for the next turn once this one is full. */
  #takePublishes(): Publish[] {
    let messages = 0;
    let count = 0;
    while (count < this.#publishes.length && messages < messagesOfTurn) {
      messages += (this.#publishes[count++] as Publish).messages.length;
    }
    this.#waiting -= messages;
    return this.#publishes.splice(0, count);
  }

  async #turn(
    tx: Transaction<QueueTables>,
    publishes: readonly Publish[],
    settlements: readonly Settlement[],
  ): Promise<readonly Handover[]> {
    const { groups, clock, dedupeWindowMs } = this.#options;
    const now = clock.now();
    const inserted = await (publishes.length === 0
      ? { stored: 0, touched: [] }
      : insertMessages(tx, {
          messages: publishes.flatMap((publish) => publish.messages),
          firstSeq: this.#nextSeq,
          now,
          windowStart: now - dedupeWindowMs,
          groupsOf: (topic) => groups.idsOf(topic),
        }));
    const settled = await (settlements.length === 0 ? { deleted: 0, touched: [] } : writeSettlements(tx, settlements));
    const touched = [...inserted.touched, ...settled.touched];
    await promote(tx, touched);
    for (const [groupId] of touched) this.#feed(groupId);
    for (const { claim } of settlements) this.#feed(claim.groupId);
    const handovers: Handover[] = [];
    for (const group of groups.consumed()) await this.#claim(tx, group, now, handovers);
    this.#nextSeq += inserted.stored;
    this.#backlog += inserted.stored - settled.deleted;
    return handovers;
  }

  async #claim(tx: Transaction<QueueTables>, group: Group, now: number, handovers: Handover[]): Promise<void> {
    for (const consumer of group.consumers) {
      const { room } = consumer;
      if (!group.hungry || room <= 0) continue;
      const batch = await claimReady(tx, group.id, room, now);
      if (batch.length > 0) handovers.push({ consumer, batch });
      if (batch.length >= room) continue;
      group.hungry = false;
      group.nextDue = await nextDue(tx, group.id);
    }
  }

  #feed(groupId: number): void {
    const group = this.#options.groups.get(groupId);
    if (group !== undefined) group.hungry = true;
  }

  #hasWork(): boolean {
    if (this.#publishes.length > 0 || this.#settlements.length > 0) return true;
    const now = this.#options.clock.now();
    for (const group of this.#options.groups.consumed()) {
      if (group.nextDue !== undefined && group.nextDue <= now) {
        group.hungry = true;
        group.nextDue = undefined;
      }
      if (group.hungry) for (const consumer of group.consumers) if (consumer.room > 0) return true;
    }
    return false;
  }

  /** One timer, for the earliest time at which something may be due. */
  #wakeAt(time: number): void {
    if (this.#closed || time >= this.#dueAt) return;
    this.#cancelDue?.();
    this.#dueAt = time;
    const wait = Math.max(0, time - this.#options.clock.now());
    this.#cancelDue = this.#options.clock.timer(
      wait,
      () => {
        this.#dueAt = Number.POSITIVE_INFINITY;
        this.#cancelDue = undefined;
        this.wake();
      },
      { background: true },
    );
  }
}
