import type { Call } from "./call.js";
import { CoreErrors } from "./core-errors.js";
import { failure } from "./failure.js";
import type { Handler } from "./handler.js";
import type { Metadata } from "./metadata.js";
import type { RpcError } from "./rpc-error.js";
import { letGo, MappedStream } from "./streams.js";

/** The stream of a supervised handler. */
export interface SupervisedStream extends AsyncIterableIterator<unknown> {
  /**
   * `next` without promises of its own: calls exactly one of the two, later. For one reader who pulls one message at a
   * time; it must not throw, and does not use `next` as well.
   */
  pull(took: (result: IteratorResult<unknown>) => void, failed: (error: RpcError) => void): void;
}

/**
 * `superviseUnary` for a handler that answers with a stream: its call settles when the stream ends, fails, or is
 * aborted. `return()` on the result cancels the call.
 */
export function superviseStream(
  handler: Handler,
  request: unknown,
  call: Call,
  onHeaders?: (headers: Metadata) => void,
): SupervisedStream {
  return new Supervised(handler, request, call, onHeaders);
}

const ignore = (): void => {};
const done: IteratorResult<unknown> = { done: true, value: undefined };

class Supervised implements SupervisedStream {
  readonly #call: Call;
  #inner: AsyncIterator<unknown> | undefined;
  /** What the handler wants done to every message. */
  #map: ((message: unknown) => unknown) | undefined;
  #onHeaders: ((headers: Metadata) => void) | undefined;
  /** Both are set while a pull is in work. */
  #resolvePull: ((result: IteratorResult<unknown>) => void) | undefined;
  #rejectPull: ((error: RpcError) => void) | undefined;
  readonly #onResult = (result: IteratorResult<unknown>): void => this.#pulled(result);
  readonly #onThrown = (thrown: unknown): void => this.#threw(thrown);
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
      const stream = handler(request, call) as AsyncIterable<unknown>;
      const mapped = stream instanceof MappedStream ? stream : undefined;
      const inner = (mapped?.source ?? stream)[Symbol.asyncIterator]();
      this.#map = mapped?.map;
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
    const pull = new Promise<IteratorResult<unknown>>((resolve, reject) => {
      this.#resolvePull = resolve;
      this.#rejectPull = reject;
    });
    this.#pull = pull;
    this.#advance(inner);
    return pull;
  }

  pull(took: (result: IteratorResult<unknown>) => void, failed: (error: RpcError) => void): void {
    const inner = this.#inner;
    if (this.#failed !== undefined || inner === undefined || this.#call.settled) {
      this.#next().then(took, failed);
      return;
    }
    this.#resolvePull = took;
    this.#rejectPull = failed;
    this.#advance(inner);
  }

  #advance(inner: AsyncIterator<unknown>): void {
    try {
      inner.next().then(this.#onResult, this.#onThrown);
    } catch (thrown) {
      // No iterator as the language has them, but a failure as any other.
      Promise.reject(thrown).catch(this.#onThrown);
    }
  }

  return(): Promise<IteratorResult<unknown>> {
    if (!this.#call.settled) {
      this.#call.abort(CoreErrors.CANCELLED({ method: this.#call.name, why: "its reader stopped reading" }));
    }
    this.#failed = undefined;
    return Promise.resolve(done);
  }

  #pulled(result: IteratorResult<unknown>): void {
    if (this.#wasAbandoned()) return;
    let given = result;
    try {
      if (result.done === true) {
        given = done;
      } else {
        const map = this.#map;
        if (map !== undefined) given = { done: false, value: map(result.value) };
        this.#call.markMessage();
      }
      if (this.#onHeaders !== undefined) this.#headers();
    } catch (thrown) {
      letGo(this.#inner);
      this.#threw(thrown);
      return;
    }
    const resolve = this.#resolvePull as (result: IteratorResult<unknown>) => void;
    this.#rejectPull = undefined;
    if (given === done) this.#call.settle();
    resolve(given);
    if (this.#waiting !== undefined) this.#pullWaiting();
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
