import { adoptHeaders, adoptTrailers, type Call, letGo, RpcError } from "@sampan/core";

const done: IteratorResult<unknown> = { done: true, value: undefined };

/**
 * The responses of the try that has answered, behind its first one: from here on it is the call's stream. Settles the
 * try as the stream ends, and brings its metadata over. Pulled by one reader at a time, as supervision does.
 */
export class AnsweredStream {
  readonly #attempt: Call;
  readonly #call: Call;
  #inner: AsyncIterator<unknown> | undefined;

  constructor(attempt: Call, call: Call, inner: AsyncIterator<unknown>) {
    this.#attempt = attempt;
    this.#call = call;
    this.#inner = inner;
    attempt.markMessage();
    adoptHeaders(attempt, call);
  }

  next(): Promise<IteratorResult<unknown>> {
    if (this.#inner === undefined) return Promise.resolve(done);
    return this.#inner.next().then(this.passed, this.#broke);
  }

  /** What the stream has given passes, also its first. */
  readonly passed = (result: IteratorResult<unknown>): IteratorResult<unknown> => {
    if (result.done !== true) return result;
    this.#inner = undefined;
    adoptTrailers(this.#attempt, this.#call);
    this.#attempt.settle();
    return done;
  };

  letGo(): void {
    const inner = this.#inner;
    this.#inner = undefined;
    letGo(inner);
    this.#attempt.abort();
  }

  readonly #broke = (thrown: unknown): never => {
    const error = RpcError.from(thrown);
    this.#inner = undefined;
    this.#attempt.settle(error);
    adoptTrailers(this.#attempt, this.#call);
    throw error;
  };
}
