import { Code, RpcError, type Runtime, sleep } from "@sampan/core";
import type { Broker } from "@sampan/core/ports";
import { type Backoff, backoffMs } from "../broker/backoff.js";
import type { Sql } from "../sql/contract.js";
import type { OutboxTables } from "./outbox.js";
import { OutboxRows, type WaitingMessage } from "./outbox-rows.js";
import { WakeUp } from "./wake-up.js";

export interface OutboxRelayOptions<DB> {
  readonly sql: Sql<DB>;
  readonly broker: Broker;
  readonly runtime: Runtime;
  /** Messages given to the broker at a time. Default 100. */
  readonly batch?: number;
  /** How often to look without being woken by a commit of this process, in ms. Default 1000. */
  readonly pollMs?: number;
  /** Waits while the broker fails. Default 100 ms to 30 s. */
  readonly backoff?: Backoff;
  /** In [0, 1), for the jitter of the backoff. */
  readonly random?: () => number;
}

/** Moves messages from a service's outbox to the broker while it is started. One relay for an outbox. */
export interface OutboxRelay {
  start(): void;
  /** Takes up nothing new; resolves when the messages in hand are published and deleted, or after `graceMs` (default 5000). */
  stop(graceMs?: number): Promise<void>;
  /** Messages that wait, for a gauge. */
  pending(): Promise<number>;
}

/**
 * Publishes in the order of the outbox and deletes what the broker has taken; a crash between the two publishes it again under the
 * same id. Woken by each commit, so a message leaves at once. While the broker fails, nothing overtakes: the same messages are
 * tried again after a backoff. A message that the broker calls invalid is set aside (`refused`) and logged, so that it does not
 * stop the ones behind it.
 */
export function outboxRelay<DB>(options: OutboxRelayOptions<DB>): OutboxRelay {
  return new Relay(options);
}

class Relay<DB> implements OutboxRelay {
  readonly #options: OutboxRelayOptions<DB>;
  readonly #rows: OutboxRows;
  readonly #wakeUp: WakeUp;
  #running: { stopped: boolean; readonly done: Promise<void>; readonly unlisten: () => void } | undefined;

  constructor(options: OutboxRelayOptions<DB>) {
    this.#options = options;
    this.#rows = new OutboxRows(options.sql as unknown as Sql<OutboxTables>, options.runtime);
    this.#wakeUp = new WakeUp(options.runtime.clock);
  }

  start(): void {
    if (this.#running !== undefined) return;
    const unlisten = this.#options.sql.onCommit(() => this.#wakeUp.ring());
    const running = { stopped: false, unlisten, done: Promise.resolve() };
    this.#running = running;
    running.done = this.#run(running);
  }

  async stop(graceMs = 5_000): Promise<void> {
    const running = this.#running;
    if (running === undefined) return;
    this.#running = undefined;
    running.stopped = true;
    running.unlisten();
    this.#wakeUp.ring();
    const giveUp = new AbortController();
    // A broker that does not answer must not keep the process: what it has not taken is sent again after the next start.
    const grace = sleep(this.#options.runtime.clock, graceMs, giveUp.signal).catch(() => {});
    await Promise.race([running.done, grace]);
    giveUp.abort();
  }

  pending(): Promise<number> {
    return this.#rows.count();
  }

  async #run(running: { readonly stopped: boolean }): Promise<void> {
    const { runtime, batch = 100, pollMs = 1_000, random = Math.random } = this.#options;
    const backoff = this.#options.backoff ?? { initialMs: 100, maxMs: 30_000 };
    let failures = 0;
    while (!running.stopped) {
      this.#wakeUp.clear();
      try {
        const messages = await this.#rows.next(batch);
        if (messages.length > 0) await this.#move(messages);
        else await this.#wakeUp.pause(pollMs);
        failures = 0;
      } catch (error) {
        failures++;
        const waitMs = backoffMs(backoff, failures, random());
        runtime.logger.warn("the outbox could not be relayed", { error, failures, wait_ms: waitMs });
        await this.#backOff(running, waitMs);
      }
    }
  }

  async #move(messages: readonly WaitingMessage[]): Promise<void> {
    try {
      await this.#options.broker.publish(messages.map(({ message }) => message));
    } catch (error) {
      if (!isInvalid(error)) throw error;
      await this.#moveOneByOne(messages);
      return;
    }
    await this.#rows.delete(messages);
  }

  async #moveOneByOne(messages: readonly WaitingMessage[]): Promise<void> {
    for (const waiting of messages) {
      try {
        await this.#options.broker.publish([waiting.message]);
      } catch (error) {
        if (!isInvalid(error)) throw error;
        const { topic, id, key } = waiting.message;
        this.#options.runtime.logger.error("the broker refuses a message of the outbox for good", {
          topic,
          id,
          key,
          error,
        });
        await this.#rows.refuse(waiting, RpcError.from(error).message);
        continue;
      }
      await this.#rows.delete([waiting]);
    }
  }

  /** Commits go on meanwhile and must not cut the wait short; `stop` does. */
  async #backOff(running: { readonly stopped: boolean }, ms: number): Promise<void> {
    const until = this.#options.runtime.clock.now() + ms;
    for (let left = ms; left > 0 && !running.stopped; left = until - this.#options.runtime.clock.now()) {
      this.#wakeUp.clear();
      await this.#wakeUp.pause(left);
    }
  }
}

function isInvalid(error: unknown): boolean {
  return error instanceof RpcError && error.code === Code.InvalidArgument;
}
