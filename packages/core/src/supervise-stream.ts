import type { Call } from "./call.js";
import { CoreErrors } from "./core-errors.js";
import { failure } from "./failure.js";
import type { Handler } from "./handler.js";
import type { Metadata } from "./metadata.js";
import type { RpcError } from "./rpc-error.js";
import { letGo } from "./streams.js";

/**
 * `superviseUnary` for a handler that answers with a stream: its call settles when the stream ends, fails, or is
 * aborted. `return()` on the result cancels the call.
 */
export function superviseStream(
  handler: Handler,
  request: unknown,
  call: Call,
  onHeaders?: (headers: Metadata) => void,
): AsyncIterableIterator<unknown> {
  return new SupervisedStream(handler, request, call, onHeaders);
}

const ignore = (): void => {};
const done: IteratorResult<unknown> = { done: true, value: undefined };

class SupervisedStream implements AsyncIterableIterator<unknown> {
  readonly #call: Call;
  #inner: AsyncIterator<unknown> | undefined;
  #onHeaders: ((headers: Metadata) => void) | undefined;
  /** Set while a pull is in work. */
  #rejectPull: ((error: RpcError) => void) | undefined;
  #pull: Promise<IteratorResult<unknown>> | undefined;
  /** Pulls that wait for the one in work: one at a time, as on the wire. */
  #waiting: (() => void)[] | undefined;
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
      const inner = (handler(request, call) as AsyncIterable<unknown>)[Symbol.asyncIterator]();
      if (call.settled) letGo(inner);
      else this.#inner = inner;
    } catch (thrown) {
      if (call.settled) return;
      this.#failed = failure(thrown, call);
      call.settle(this.#failed);
    }
  }

  [Symbol.asyncIterator](): AsyncIterableIterator<unknown> {
    return this;
  }

  next(): Promise<IteratorResult<unknown>> {
    if (this.#rejectPull === undefined) return this.#next();
    const pull = new Promise<IteratorResult<unknown>>((resolve) => {
      (this.#waiting ??= []).push(() => resolve(this.#next()));
    });
    pull.catch(ignore);
    return pull;
  }

  #next(): Promise<IteratorResult<unknown>> {
    if (this.#failed !== undefined) {
      // Thrown once, then the iterator is done, as with a generator.
      const error = this.#failed;
      this.#failed = undefined;
      const failed = Promise.reject(error);
      failed.catch(ignore);
      return failed;
    }
    const inner = this.#inner;
    if (inner === undefined || this.#call.settled) return Promise.resolve(done);
    this.#pull = new Promise((resolve, reject) => {
      this.#rejectPull = reject;
      inner.next().then(
        (result) => this.#pulled(result, resolve),
        (thrown: unknown) => this.#threw(thrown),
      );
    });
    return this.#pull;
  }

  return(): Promise<IteratorResult<unknown>> {
    if (!this.#call.settled) {
      this.#call.abort(CoreErrors.CANCELLED({ method: this.#call.name, why: "its reader stopped reading" }));
    }
    this.#failed = undefined;
    return Promise.resolve(done);
  }

  #pulled(result: IteratorResult<unknown>, resolve: (result: IteratorResult<unknown>) => void): void {
    if (this.#wasAbandoned()) return;
    try {
      if (result.done !== true) this.#call.markMessage();
      this.#headers();
    } catch (thrown) {
      letGo(this.#inner);
      this.#threw(thrown);
      return;
    }
    this.#rejectPull = undefined;
    if (result.done === true) this.#call.settle();
    resolve(result.done === true ? done : result);
    this.#pullWaiting();
  }

  #threw(thrown: unknown): void {
    if (this.#wasAbandoned()) return;
    const reject = this.#rejectPull as (error: RpcError) => void;
    this.#rejectPull = undefined;
    this.#inner = undefined;
    const error = failure(thrown, this.#call);
    this.#call.settle(error);
    this.#refuse(reject, error);
  }

  /** As for unary calls, a failure that nobody awaits is not an unhandled rejection. */
  #refuse(reject: (error: RpcError) => void, error: RpcError): void {
    this.#pull?.catch(ignore);
    reject(error);
    this.#pullWaiting();
  }

  /** The call was aborted while a pull was in work, so nobody waits for what came back. */
  #wasAbandoned(): boolean {
    if (this.#rejectPull !== undefined) return false;
    this.#call.runtime.abandoned--;
    return true;
  }

  #pullWaiting(): void {
    const waiting = this.#waiting;
    while (waiting !== undefined && waiting.length > 0 && this.#rejectPull === undefined) waiting.shift()?.();
  }

  #headers(): void {
    const onHeaders = this.#onHeaders;
    this.#onHeaders = undefined;
    onHeaders?.(this.#call.responseHeaders);
  }

  #aborted(error: RpcError): void {
    const inner = this.#inner;
    this.#inner = undefined;
    letGo(inner);
    const reject = this.#rejectPull;
    this.#rejectPull = undefined;
    if (reject === undefined) {
      this.#failed = error;
    } else {
      this.#call.runtime.abandoned++;
      this.#refuse(reject, error);
    }
  }
}
