import { PasswordErrors } from "./password-errors.js";

/** At most so much at once, and so much in the queue: each hash takes a thread and 128 MiB for half a second. */
export class BoundedWork {
  readonly #atOnce: number;
  readonly #maxWaiting: number;
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  constructor(atOnce = 2, maxWaiting = 64) {
    this.#atOnce = atOnce;
    this.#maxWaiting = maxWaiting;
  }

  /** Rejects with `PASSWORDS_BUSY` when the queue is full. */
  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#running >= this.#atOnce) {
      if (this.#waiting.length >= this.#maxWaiting) throw PasswordErrors.PASSWORDS_BUSY();
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    } else this.#running++;
    try {
      return await work();
    } finally {
      // Whoever waits takes this place over, so the count stays.
      const next = this.#waiting.shift();
      if (next === undefined) this.#running--;
      else next();
    }
  }
}
