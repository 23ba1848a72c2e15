import type { Call, CancelTimer, Runtime } from "@sampan/core";
import type { Broker, Delivery, SubscribeOptions, Subscription } from "@sampan/core/ports";
import type { Transaction } from "kysely";
import type { Sql } from "../sql/contract.js";
import { Inbox, type InboxTables } from "./inbox.js";
import { originOf } from "./origin-headers.js";

/** Effects in the service's own database only: they happen exactly once. Await nothing but `tx`. */
export interface InTransaction<DB> {
  readonly inTransaction: (message: Delivery, tx: Transaction<DB>, call: Call) => Promise<void>;
}

/** Effects elsewhere, such as calls to other services: at least once, and not again after a success. */
export interface Handle {
  readonly handle: (message: Delivery, call: Call) => Promise<void>;
}

export type ConsumerOptions<DB> = Omit<SubscribeOptions, "handle"> & {
  readonly broker: Broker;
  readonly sql: Sql<DB>;
  readonly runtime: Runtime;
  /** How long a message's id is remembered, in ms: longer than the broker may deliver it again. Default 7 days. */
  readonly rememberMs?: number;
} & (InTransaction<DB> | Handle);

/** Takes a topic's messages while it is started. */
export interface Consumer {
  start(): Promise<void>;
  /** Takes no more messages; resolves when those in work are answered, or aborts them after `graceMs`. */
  stop(graceMs?: number): Promise<void>;
}

const weekMs = 7 * 24 * 60 * 60 * 1_000;
const pruneEveryMs = 60 * 60 * 1_000;
const pruneRows = 1_000;

/**
 * A consumer that handles each message once: it remembers the ids of what it has done in the service's own database (its schemas
 * must include `inboxSchema`). Each delivery runs on a root call with the tenant and release tag of the call that sent the
 * message, and a link to its trace; the call ends a tenth before the broker would give the message to somebody else. An error
 * gives the message back to the broker, which decides about the next attempt and about giving up.
 */
export function consume<DB>(options: ConsumerOptions<DB>): Consumer {
  return new InboxConsumer(options);
}

class InboxConsumer<DB> implements Consumer {
  readonly #options: ConsumerOptions<DB>;
  readonly #inbox: Inbox;
  #subscription: Subscription | undefined;
  #cancelPruning: CancelTimer | undefined;

  constructor(options: ConsumerOptions<DB>) {
    this.#options = options;
    this.#inbox = new Inbox(options.group, options.sql as unknown as Sql<InboxTables>);
  }

  async start(): Promise<void> {
    const { broker, topic, group, concurrency, visibilityMs, maxAttempts } = this.#options;
    this.#subscription = await broker.subscribe({
      topic,
      group,
      ...(concurrency === undefined ? {} : { concurrency }),
      ...(visibilityMs === undefined ? {} : { visibilityMs }),
      ...(maxAttempts === undefined ? {} : { maxAttempts }),
      handle: (delivery, signal) => this.#deliver(delivery, signal),
    });
    this.#pruneLater();
  }

  async stop(graceMs?: number): Promise<void> {
    this.#cancelPruning?.();
    await this.#subscription?.close(graceMs);
    this.#subscription = undefined;
  }

  async #deliver(message: Delivery, signal: AbortSignal): Promise<void> {
    const { runtime, group, visibilityMs = 30_000 } = this.#options;
    const origin = originOf(message.headers);
    const options = {
      name: `consume/${message.topic}/${group}`,
      timeoutMs: visibilityMs * 0.9,
      ...(origin === undefined ? {} : { origin }),
    };
    await runtime.run(options, async (call) => {
      const abort = (): void => call.abort();
      signal.addEventListener("abort", abort, { once: true });
      call.onSettle(() => signal.removeEventListener("abort", abort));
      if (signal.aborted) call.abort();
      await this.#once(message, call);
    });
  }

  async #once(message: Delivery, call: Call): Promise<void> {
    const options = this.#options;
    if ("inTransaction" in options) {
      await options.sql.transaction(call, async (tx) => {
        if (await this.#mark(tx, message, call)) await options.inTransaction(message, tx, call);
      });
      return;
    }
    if (await this.#inbox.has(message)) return;
    await options.handle(message, call);
    await options.sql.transaction(call, (tx) => this.#mark(tx, message, call));
  }

  #mark(tx: Transaction<DB>, message: Delivery, call: Call): Promise<boolean> {
    return this.#inbox.mark(tx as unknown as Transaction<InboxTables>, message, call);
  }

  #pruneLater(): void {
    this.#cancelPruning = this.#options.runtime.clock.timer(pruneEveryMs, () => void this.#prune(), {
      background: true,
    });
  }

  async #prune(): Promise<void> {
    const { runtime, rememberMs = weekMs, group } = this.#options;
    try {
      const before = runtime.clock.now() - rememberMs;
      await runtime.run({ name: `inbox/${group}/prune` }, async (call) => {
        while (await this.#inbox.prune(call, before, pruneRows)) call.throwIfAborted();
      });
    } catch (error) {
      runtime.logger.warn("the inbox could not be pruned", { group, error });
    }
    if (this.#subscription !== undefined) this.#pruneLater();
  }
}
