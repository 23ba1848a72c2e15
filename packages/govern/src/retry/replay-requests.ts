import { type Call, letGo } from "@sampan/core";
import { RetryErrors } from "./error.js";

const done: IteratorResult<unknown> = { done: true, value: undefined };

/**
 * A request stream that several tries read, each from its start. The source is read once, at the pace of the fastest;
 * at most `limit` messages are kept. When more were sent, no further try can begin, and one that is more than `limit`
 * behind fails with `REQUESTS_NOT_KEPT`. With one reader nothing is kept from then on.
 *
 * The source is let go when `call`, whose tries these are, settles.
 */
export class ReplayRequests {
  readonly #source: AsyncIterator<unknown>;
  readonly #limit: number;
  readonly #call: Call;
  readonly #readers = new Set<Reader>();
  /** Messages from number `#from` on. */
  #kept: unknown[] = [];
  #from = 0;
  #ended = false;
  #failed = false;
  #failure: unknown;
  #committed = false;
  #pull: Promise<void> | undefined;

  constructor(source: AsyncIterable<unknown>, limit: number, call: Call) {
    this.#source = source[Symbol.asyncIterator]();
    this.#limit = limit;
    this.#call = call;
    call.onSettle(() => {
      this.#kept = [];
      if (!this.#ended) letGo(this.#source);
    });
  }

  /** Whether another try would get every message. Not after the source itself has failed: that failure is the caller's. */
  get replayable(): boolean {
    return this.#from === 0 && !this.#failed && !this.#committed;
  }

  /** All requests, for one try; it counts no longer once the try has settled. */
  open(attempt: Call): AsyncIterable<unknown> {
    const reader = new Reader(this);
    this.#readers.add(reader);
    attempt.onSettle(() => this.drop(reader));
    return reader;
  }

  /** A try has answered: there will be no further one. */
  commit(): void {
    this.#committed = true;
    this.#trim();
  }

  /** For readers: the message at a place, waiting for it when it has not come yet. */
  async read(reader: Reader): Promise<IteratorResult<unknown>> {
    for (;;) {
      if (!this.#readers.has(reader) || this.#call.settled) return done;
      if (reader.at < this.#from)
        throw RetryErrors.REQUESTS_NOT_KEPT({ method: this.#call.name, limit: String(this.#limit) });
      const { at } = reader;
      if (at < this.#from + this.#kept.length) {
        const value = this.#kept[at - this.#from];
        reader.at++;
        this.#trim();
        return { done: false, value };
      }
      if (this.#failed) throw this.#failure;
      if (this.#ended) return done;
      await (this.#pull ??= this.#take());
    }
  }

  drop(reader: Reader): void {
    if (this.#readers.delete(reader)) this.#trim();
  }

  async #take(): Promise<void> {
    try {
      const result = await this.#source.next();
      if (result.done === true) this.#ended = true;
      else this.#kept.push(result.value);
    } catch (thrown) {
      this.#ended = true;
      this.#failed = true;
      this.#failure = thrown;
    } finally {
      this.#pull = undefined;
    }
  }

  /** Forgets what is above the limit, or, when no further try can begin, what every reader has. */
  #trim(): void {
    const above = this.#kept.length - this.#limit;
    if (above <= 0 && !this.#committed && this.#from === 0) return;
    let slowest = this.#from + this.#kept.length;
    for (const { at } of this.#readers) slowest = Math.min(slowest, at);
    const forget = Math.max(slowest - this.#from, this.#committed ? 0 : above);
    if (forget <= 0) return;
    this.#kept.splice(0, forget);
    this.#from += forget;
  }
}

class Reader implements AsyncIterableIterator<unknown> {
  at = 0;
  readonly #requests: ReplayRequests;

  constructor(requests: ReplayRequests) {
    this.#requests = requests;
  }

  [Symbol.asyncIterator](): AsyncIterableIterator<unknown> {
    return this;
  }

  next(): Promise<IteratorResult<unknown>> {
    return this.#requests.read(this);
  }

  return(): Promise<IteratorResult<unknown>> {
    this.#requests.drop(this);
    return Promise.resolve(done);
  }
}
