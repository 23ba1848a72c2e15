import type { Call } from "./call.js";
import { CoreErrors } from "./core-errors.js";
import type { Handler } from "./handler.js";
import type { Metadata } from "./metadata.js";
import { RpcError } from "./rpc-error.js";

/**
 * Runs a handler so that its call settles exactly once, and at once when it is aborted: the result settles with the
 * abort's error even if the handler never returns. Such a handler is counted as abandoned until it does.
 * Used at both ends of a call: by clients around the channel, by transports around the service.
 */
export function superviseUnary(handler: Handler, request: unknown, call: Call): Promise<unknown> {
  if (call.settled) return Promise.reject(call.error);
  return new Promise((resolve, reject) => {
    let running = true;
    call.onAbort((error) => {
      if (running) call.runtime.abandoned++;
      reject(error);
    });
    const succeed = (response: unknown): void => {
      running = false;
      if (call.settled) {
        call.runtime.abandoned--;
        return;
      }
      if (response === undefined || response === null) {
        fail(CoreErrors.EMPTY_RESPONSE({ method: call.name }));
        return;
      }
      call.markMessage();
      call.settle();
      resolve(response);
    };
    const fail = (thrown: unknown): void => {
      running = false;
      if (call.settled) {
        call.runtime.abandoned--;
        return;
      }
      const error = failure(thrown, call);
      call.settle(error);
      reject(error);
    };
    let result: unknown;
    try {
      result = handler(request, call);
    } catch (thrown) {
      fail(thrown);
      return;
    }
    if (isPromise(result)) result.then(succeed, fail);
    else succeed(result);
  });
}

/** The same for a handler that answers with a stream. `return()` on the result cancels the call. */
export function superviseStream(
  handler: Handler,
  request: unknown,
  call: Call,
  onHeaders?: (headers: Metadata) => void,
): AsyncIterableIterator<unknown> {
  return new SupervisedStream(handler, request, call, onHeaders);
}

const done: IteratorResult<unknown> = { done: true, value: undefined };

class SupervisedStream implements AsyncIterableIterator<unknown> {
  readonly #call: Call;
  #inner: AsyncIterator<unknown> | undefined;
  #onHeaders: ((headers: Metadata) => void) | undefined;
  #pull: Promise<IteratorResult<unknown>> | undefined;
  #rejectPull: ((error: RpcError) => void) | undefined;
  #failed: RpcError | undefined;

  constructor(handler: Handler, request: unknown, call: Call, onHeaders: ((headers: Metadata) => void) | undefined) {
    this.#call = call;
    this.#onHeaders = onHeaders;
    if (call.settled) {
      this.#failed = call.error;
      return;
    }
    call.onAbort((error) => this.#aborted(error));
    try {
      this.#inner = (handler(request, call) as AsyncIterable<unknown>)[Symbol.asyncIterator]();
    } catch (thrown) {
      this.#fail(thrown);
    }
  }

  [Symbol.asyncIterator](): AsyncIterableIterator<unknown> {
    return this;
  }

  next(): Promise<IteratorResult<unknown>> {
    // One pull at a time, as on the wire; a second `next()` waits for the first.
    const before = this.#pull;
    const pull = before === undefined ? this.#next() : before.then(() => this.#next(), () => this.#next());
    this.#pull = pull;
    return pull;
  }

  #next(): Promise<IteratorResult<unknown>> {
    if (this.#failed !== undefined) {
      // Thrown once, then the iterator is done, as with a generator.
      const error = this.#failed;
      this.#failed = undefined;
      return Promise.reject(error);
    }
    const inner = this.#inner;
    if (inner === undefined || this.#call.settled) return Promise.resolve(done);
    return new Promise((resolve, reject) => {
      this.#rejectPull = reject;
      inner.next().then(
        (result) => {
          if (this.#pulled()) return;
          if (result.done === true) this.#call.settle();
          else this.#call.markMessage();
          this.#headers();
          resolve(result.done === true ? done : result);
        },
        (thrown: unknown) => {
          if (this.#pulled()) return;
          const error = failure(thrown, this.#call);
          this.#inner = undefined;
          this.#call.settle(error);
          reject(error);
        },
      );
    });
  }

  return(): Promise<IteratorResult<unknown>> {
    if (!this.#call.settled) {
      this.#call.abort(CoreErrors.CANCELLED({ method: this.#call.name, why: "its reader stopped reading" }));
    }
    this.#failed = undefined;
    return Promise.resolve(done);
  }

  /** A pull came back; true when the call was aborted meanwhile, so that nobody waits for it. */
  #pulled(): boolean {
    this.#pull = undefined;
    if (this.#rejectPull === undefined) {
      this.#call.runtime.abandoned--;
      return true;
    }
    this.#rejectPull = undefined;
    return false;
  }

  #headers(): void {
    const onHeaders = this.#onHeaders;
    this.#onHeaders = undefined;
    onHeaders?.(this.#call.responseHeaders);
  }

  #aborted(error: RpcError): void {
    const inner = this.#inner;
    this.#inner = undefined;
    // Not waited for: an iterator that is stuck in next() would never return.
    if (inner?.return !== undefined) void Promise.resolve(inner.return()).catch(() => {});
    const reject = this.#rejectPull;
    this.#rejectPull = undefined;
    if (reject === undefined) {
      this.#failed = error;
    } else {
      this.#call.runtime.abandoned++;
      reject(error);
    }
  }

  #fail(thrown: unknown): void {
    const error = failure(thrown, this.#call);
    this.#failed = error;
    this.#call.settle(error);
  }
}

/** What a thrown value becomes: an `RpcError`; anything else is logged with its cause, which the caller never sees. */
function failure(thrown: unknown, call: Call): RpcError {
  const error = RpcError.from(thrown);
  if (error !== thrown && call.side !== "client") {
    call.log.error("a handler threw something that is not an RpcError", { error: thrown });
  }
  return error;
}

function isPromise(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null && typeof (value as PromiseLike<unknown>).then === "function";
}
