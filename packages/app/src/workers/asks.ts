import type { CancelTimer, Clock } from "@sampan/core";
import type { FromWorker, Subject, ToWorker } from "./messages.js";

/** What a worker answers. */
export interface Answer {
  readonly status: number;
  readonly body: string;
}

/** Questions to one worker. One that is not answered in time, or too large to be sent, has no answer. */
export class Asks {
  readonly #clock: Clock;
  readonly #send: (message: ToWorker) => void;
  readonly #open = new Map<number, (answer: Answer | undefined) => void>();
  #next = 1;
  #over = false;

  constructor(clock: Clock, send: (message: ToWorker) => void) {
    this.#clock = clock;
    this.#send = send;
  }

  ask(subject: Subject, query: string, timeoutMs: number): Promise<Answer | undefined> {
    if (this.#over) return Promise.resolve(undefined);
    return new Promise((resolve) => {
      const id = this.#next++;
      let cancel: CancelTimer = () => {};
      const settle = (answer: Answer | undefined): void => {
        this.#open.delete(id);
        cancel();
        resolve(answer);
      };
      this.#open.set(id, settle);
      cancel = this.#clock.timer(timeoutMs, () => settle(undefined), { background: true });
      this.#send({ kind: "ask", id, subject, query });
    });
  }

  /** An answer that comes too late changes nothing. */
  answered({ id, status, body }: FromWorker & { readonly kind: "answer" }): void {
    this.#open.get(id)?.(body === undefined ? undefined : { status, body });
  }

  /** The worker has ended. */
  end(): void {
    this.#over = true;
    for (const settle of [...this.#open.values()]) settle(undefined);
  }
}
