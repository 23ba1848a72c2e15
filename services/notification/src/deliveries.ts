import type { Call, CancelTimer, Runtime } from "@sampan/core";
import type { Origin } from "./domain/notice.js";
import type { NotificationStore } from "./records.js";

export interface DeliveriesOptions {
  readonly store: Pick<NotificationStore, "due" | "find">;
  readonly runtime: Runtime;
  /** Tries to deliver one notice; see `deliver`. */
  readonly deliver: (noticeId: string, call: Call) => Promise<void>;
  /** Tells of commits, each of which may have made something due. Returns what ends it. */
  readonly onCommit: (listener: () => void) => () => void;
  /** Tries at a time. Default 8. */
  readonly atOnce?: number;
  /** How often to look for what has become due by the clock, ms. Default 1000. */
  readonly pollMs?: number;
  /** Of one try, ms. Default 15 000. */
  readonly timeoutMs?: number;
}

const restMs = 5000;

/** Tries what is due, each notice once at a time, while it is started. One of them for a database. */
export class Deliveries {
  readonly #options: DeliveriesOptions;
  readonly #inWork = new Map<string, Promise<void>>();
  readonly #calls = new Set<Call>();
  /** What has just failed before anything was written: not at once again. */
  readonly #resting = new Set<string>();
  #running = false;
  #looking = false;
  #lookAgain = false;
  #unlisten: (() => void) | undefined;
  #cancelPoll: CancelTimer | undefined;

  constructor(options: DeliveriesOptions) {
    this.#options = options;
  }

  start(): void {
    if (this.#running) return;
    this.#running = true;
    this.#unlisten = this.#options.onCommit(() => this.#wake());
    this.#wake();
  }

  /** Takes up nothing new; what is under way is finished, or cut off after `graceMs` with its outcome written as unknown. */
  async stop(graceMs = 5000): Promise<void> {
    this.#running = false;
    this.#unlisten?.();
    this.#cancelPoll?.();
    const cancel = this.#options.runtime.clock.timer(graceMs, () => {
      for (const call of this.#calls) call.abort();
    });
    await Promise.all(this.#inWork.values());
    cancel();
  }

  #wake(): void {
    if (!this.#running) return;
    this.#lookAgain = true;
    if (this.#looking) return;
    this.#looking = true;
    void this.#look().finally(() => {
      this.#looking = false;
      if (!this.#running) return;
      this.#cancelPoll?.();
      const { pollMs = 1000, runtime } = this.#options;
      this.#cancelPoll = runtime.clock.timer(pollMs, () => this.#wake(), { background: true });
    });
  }

  async #look(): Promise<void> {
    const { store, runtime, atOnce = 8 } = this.#options;
    while (this.#lookAgain && this.#running) {
      this.#lookAgain = false;
      // Those in work may still stand as due, for a moment before they begin.
      if (this.#inWork.size >= atOnce) return;
      try {
        const due = await store.due(runtime.clock.now(), 2 * atOnce + this.#resting.size);
        for (const noticeId of due) {
          if (!this.#running || this.#inWork.size >= atOnce) break;
          if (!this.#inWork.has(noticeId) && !this.#resting.has(noticeId)) this.#take(noticeId);
        }
      } catch (error) {
        runtime.logger.warn("it cannot be looked which messages are due", { error });
        return;
      }
    }
  }

  #take(noticeId: string): void {
    const { runtime } = this.#options;
    const work = this.#try(noticeId)
      .catch((error: unknown) => {
        runtime.logger.warn("a message could not be tried", { notice: noticeId, error });
        this.#resting.add(noticeId);
        runtime.clock.timer(restMs, () => this.#resting.delete(noticeId), { background: true });
      })
      .finally(() => {
        this.#inWork.delete(noticeId);
        this.#wake();
      });
    this.#inWork.set(noticeId, work);
  }

  async #try(noticeId: string): Promise<void> {
    const { store, runtime, deliver, timeoutMs = 15_000 } = this.#options;
    const origin: Origin | undefined = (await store.find(noticeId))?.origin;
    const options = { name: "notification/deliver", timeoutMs, ...(origin === undefined ? {} : { origin }) };
    await runtime.run(options, async (call) => {
      this.#calls.add(call);
      call.onSettle(() => this.#calls.delete(call));
      await deliver(noticeId, call);
    });
  }
}
