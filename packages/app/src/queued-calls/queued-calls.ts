import { type CancelTimer, type Clock, type Dispatcher, type Method, RpcError } from "@sampan/core";
import type { Broker, Delivery, Logger, Meter, Subscription } from "@sampan/core/ports";
import type { Runnable } from "../service.js";
import type { CallerOf } from "./caller-of.js";
import { groupOf, serviceOf } from "./enqueuing-broker.js";
import { makeQueuedCall } from "./make-call.js";

export interface QueuedCallsOptions {
  readonly openBroker: () => Promise<Broker>;
  /** What this process serves. */
  readonly dispatchers: readonly Dispatcher[];
  /** The topics that rules enqueue calls of these methods to, as of now. */
  readonly topicsOf: (methods: readonly Method[]) => ReadonlyMap<string, readonly Method[]>;
  /** Called when that may have changed. Returns what ends it. */
  readonly onChange: (listener: () => void) => () => void;
  /** Calls of a topic that are made at a time. */
  readonly concurrency: number;
  /** Tries of a call before it becomes a dead letter. */
  readonly attempts: number;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly meter: Meter;
  /** Who has made a call that comes from the queue. */
  readonly callerOf: CallerOf;
}

/** When a topic that could not be followed is tried again, ms. */
const againMs = 1000;

/**
 * Makes the calls of this process's methods that rules have enqueued anywhere. A topic is followed from the moment a
 * rule names it until the process ends, also when the rule is gone: what was accepted is still to be done. A call that
 * fails goes back to the broker, which tries again later and in the end keeps it as a dead letter.
 */
export class QueuedCalls implements Runnable {
  readonly #options: QueuedCallsOptions;
  readonly #subscriptions = new Map<string, Subscription>();
  #following: Promise<void> = Promise.resolve();
  #unfollow: () => void = () => {};
  #cancelAgain: CancelTimer = () => {};
  #stopped = false;

  constructor(options: QueuedCallsOptions) {
    this.#options = options;
  }

  /** Resolves when the topics that rules name now are followed, or will be tried again. */
  start(): Promise<void> {
    this.#unfollow = this.#options.onChange(() => void this.#follow());
    return this.#follow();
  }

  async stop(graceMs: number): Promise<void> {
    this.#stopped = true;
    this.#unfollow();
    this.#cancelAgain();
    await this.#following;
    const open = [...this.#subscriptions.values()];
    this.#subscriptions.clear();
    await Promise.all(open.map((subscription) => subscription.close(graceMs)));
  }

  /** One after the other, so that two reloads do not subscribe twice. */
  #follow(): Promise<void> {
    this.#following = this.#following.then(() => this.#subscribeAll());
    return this.#following;
  }

  async #subscribeAll(): Promise<void> {
    const { dispatchers, topicsOf, logger, clock } = this.#options;
    this.#cancelAgain();
    for (const dispatcher of dispatchers) {
      const methods = dispatcher.services.flatMap(({ handlers }) => [...handlers.keys()]);
      for (const [topic, enqueued] of topicsOf(methods)) {
        for (const service of new Set(enqueued.map((method) => method.service))) {
          if (this.#stopped || this.#subscriptions.has(nameOf(topic, service))) continue;
          try {
            await this.#subscribe(dispatcher, topic, service);
          } catch (error) {
            logger.error("queued calls cannot be followed; it is tried again", { topic, service, error });
            this.#cancelAgain = clock.timer(againMs, () => void this.#follow(), { background: true });
            return;
          }
        }
      }
    }
  }

  async #subscribe(dispatcher: Dispatcher, topic: string, service: string): Promise<void> {
    const { openBroker, concurrency, attempts, logger } = this.#options;
    const broker = await openBroker();
    const subscription = await broker.subscribe({
      topic,
      group: groupOf(service),
      concurrency,
      maxAttempts: attempts,
      handle: (delivery, signal) => this.#handle(dispatcher, service, delivery, signal),
    });
    this.#subscriptions.set(nameOf(topic, service), subscription);
    logger.info("queued calls are made", { topic, service });
  }

  async #handle(dispatcher: Dispatcher, service: string, delivery: Delivery, signal: AbortSignal): Promise<void> {
    const method = delivery.headers.method ?? "";
    // Each group sees every message of a topic; those of other services are for other groups.
    if (method !== "" && serviceOf(method) !== service) return;
    try {
      await makeQueuedCall(dispatcher, delivery, signal, this.#options.callerOf);
      this.#count(method, "done");
    } catch (thrown) {
      const error = RpcError.from(thrown);
      const last = delivery.attempt >= this.#options.attempts;
      this.#count(method, last ? "given-up" : "failed");
      const { id, topic, attempt } = delivery;
      this.#options.logger[last ? "error" : "warn"](last ? "a queued call is a dead letter" : "a queued call failed", {
        method,
        topic,
        id,
        attempt,
        error,
      });
      throw error;
    }
  }

  #count(method: string, outcome: string): void {
    this.#options.meter.counter(calls, { method: method.slice(1), outcome }).add();
  }
}

const calls = {
  name: "queued_calls_total",
  help: "Calls that rules had enqueued, by what became of a try; given-up: it is a dead letter now.",
};

function nameOf(topic: string, service: string): string {
  return `${topic}\n${service}`;
}
