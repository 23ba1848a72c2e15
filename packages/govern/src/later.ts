import type { Call, Handler, Method } from "@sampan/core";

/**
 * Runs a handler once `admitted` resolves, for guards that let a call wait; rejects with what `admitted` rejects with.
 * A call that has settled by then does not run. The result is what the method's kind asks for, at once.
 */
export function later(admitted: Promise<void>, next: Handler, request: unknown, call: Call, method: Method): unknown {
  const result = admitted.then(() => {
    if (call.settled) throw call.error ?? new Error(`${call.name} has ended already`);
    return next(request, call);
  });
  return method.serverStreams ? new LaterStream(result as Promise<AsyncIterable<unknown>>) : result;
}

const done: IteratorResult<unknown> = { done: true, value: undefined };

class LaterStream implements AsyncIterableIterator<unknown> {
  readonly #inner: Promise<AsyncIterator<unknown>>;
  #left = false;

  constructor(source: Promise<AsyncIterable<unknown>>) {
    this.#inner = source.then((stream) => stream[Symbol.asyncIterator]());
    // Whoever pulls sees it; nobody need pull.
    this.#inner.catch(() => {});
  }

  [Symbol.asyncIterator](): AsyncIterableIterator<unknown> {
    return this;
  }

  next(): Promise<IteratorResult<unknown>> {
    return this.#inner.then((inner) => (this.#left ? done : inner.next()));
  }

  return(): Promise<IteratorResult<unknown>> {
    this.#left = true;
    this.#inner.then((inner) => inner.return?.()).catch(() => {});
    return Promise.resolve(done);
  }
}
