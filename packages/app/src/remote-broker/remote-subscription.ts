import type { MessageInitShape } from "@bufbuild/protobuf";
import { type Call, RpcError, type Runtime, sleep } from "@sampan/core";
import type { Delivery, SubscribeOptions } from "@sampan/core/ports";
import {
  type BrokerDelivery,
  BrokerService,
  type SubscribeRequestSchema,
} from "@sampan/protos/sampan/broker/v1/broker_pb.js";
import { AsyncQueue } from "./async-queue.js";
import { deliveryFromWire } from "./delivery-message.js";

type Request = MessageInitShape<typeof SubscribeRequestSchema>;

/** The contract gives a subscription ten minutes; the deadline of its call must not end it before. */
const subscriptionMs = 600_000;

/** A subscription at the broker of another process, opened again whenever it ends. */
export class RemoteSubscription {
  readonly #runtime: Runtime;
  readonly #options: SubscribeOptions;
  readonly #retryMs: number;
  readonly #stop = new AbortController();
  /** Deliveries in work of the stream that is open now, by token. */
  #inWork = new Map<bigint, AbortController>();
  readonly #working = new Set<Promise<void>>();
  #requests = new AsyncQueue<Request>();
  #call: Call | undefined;
  #running: Promise<void>;
  #open: () => void = () => {};
  /** Resolves when the broker has answered for the first time. */
  readonly opened: Promise<void>;
  /** Why the last attempt to open it failed. */
  lastError: unknown;

  constructor(runtime: Runtime, options: SubscribeOptions, retryMs: number) {
    this.#runtime = runtime;
    this.#options = options;
    this.#retryMs = retryMs;
    this.opened = new Promise((resolve) => {
      this.#open = resolve;
    });
    this.#running = this.#run();
  }

  /** Takes no more messages; waits for those in work, so that their answers are sent, or aborts them after `graceMs`. */
  async close(graceMs = 10_000): Promise<void> {
    this.#stop.abort();
    const limit = new AbortController();
    const done = Promise.all([...this.#working]);
    const late = sleep(this.#runtime.clock, graceMs, limit.signal).catch(() => {});
    await Promise.race([done, late]);
    limit.abort();
    this.#abortAll(this.#inWork, "the subscription was closed");
    this.#requests.end();
    // Half-closed: the broker ends the stream when it has read the last answer.
    const ending = new AbortController();
    await Promise.race([this.#running, sleep(this.#runtime.clock, 1_000, ending.signal).catch(() => {})]);
    ending.abort();
    this.#call?.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      try {
        await this.#once();
      } catch (error) {
        this.lastError = error;
        if (this.#stop.signal.aborted) return;
        const { topic, group } = this.#options;
        const why = RpcError.from(error).message;
        this.#runtime.logger.warn("a subscription ended and is opened again", { topic, group, why });
        await sleep(this.#runtime.clock, this.#retryMs, this.#stop.signal).catch(() => {});
      }
    }
  }

  async #once(): Promise<void> {
    const { topic, group, concurrency = 0, visibilityMs = 0, maxAttempts = 0 } = this.#options;
    const requests = new AsyncQueue<Request>();
    this.#requests = requests;
    const opening = { topic, group, concurrency, visibilityMs: BigInt(visibilityMs), maxAttempts };
    requests.push({ kind: { case: "opening", value: opening } });
    const call = this.#runtime.root({ name: `broker/subscribe/${topic}/${group}`, timeoutMs: subscriptionMs });
    this.#call = call;
    const inWork = new Map<bigint, AbortController>();
    this.#inWork = inWork;
    try {
      for await (const { token, delivery, revoked } of call.to(BrokerService).subscribe(requests)) {
        if (revoked) inWork.get(token)?.abort(new Error("the message took too long and is delivered again"));
        else if (delivery === undefined) this.#open();
        else this.#take(token, delivery, requests, inWork);
      }
    } finally {
      call.settle();
      requests.end();
      // Their answers reach nobody any more, and the messages are delivered again.
      this.#abortAll(inWork, "the subscription ended");
    }
  }

  #abortAll(inWork: ReadonlyMap<bigint, AbortController>, why: string): void {
    for (const each of inWork.values()) each.abort(new Error(why));
  }

  #take(
    token: bigint,
    delivery: BrokerDelivery,
    requests: AsyncQueue<Request>,
    inWork: Map<bigint, AbortController>,
  ): void {
    // What arrives after the stop goes back by itself when the stream ends.
    if (this.#stop.signal.aborted) return;
    const stop = new AbortController();
    inWork.set(token, stop);
    const work = this.#handle(deliveryFromWire(delivery), stop.signal).then((failure) => {
      inWork.delete(token);
      requests.push({ kind: { case: "answer", value: { token, failure } } });
    });
    this.#working.add(work);
    void work.finally(() => this.#working.delete(work));
  }

  /** Empty when the message is done, otherwise why it is given back. */
  async #handle(delivery: Delivery, signal: AbortSignal): Promise<string> {
    try {
      await this.#options.handle(delivery, signal);
      return "";
    } catch (error) {
      return error instanceof Error && error.message !== "" ? error.message : "the handler failed";
    }
  }
}
