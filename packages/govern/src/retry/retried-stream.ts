import { attempt, type Call, letGo, type RpcError } from "@sampan/core";
import { AnsweredStream } from "./answered-stream.js";
import type { FailedCall } from "./failed-call.js";

/** What a retried stream asks of its layer. */
export interface StreamTries {
  /** Starts a try. */
  open(attempt: Call): AsyncIterator<unknown>;
  waitFor(last: Call, error: RpcError): Promise<boolean>;
  another(): Call;
  /** The first message has come, after so long. */
  answered(tookMs: number): void;
}

const done: IteratorResult<unknown> = { done: true, value: undefined };

/**
 * The responses of a stream that starts again when it fails before its first message. From then on it is the stream of
 * the try that answered. The first try starts at once. Pulled by one reader at a time, as supervision does.
 */
export class RetriedStream implements AsyncIterableIterator<unknown> {
  readonly #failed: FailedCall;
  readonly #tries: StreamTries;
  #attempt: Call;
  #inner: AsyncIterator<unknown> | undefined;
  /** What the first try threw when it was started. */
  #thrown: { readonly value: unknown } | undefined;
  #rest: AnsweredStream | undefined;
  #ended = false;

  constructor(failed: FailedCall, tries: StreamTries) {
    this.#failed = failed;
    this.#tries = tries;
    this.#attempt = attempt(failed.call);
    this.#attempt.began();
    try {
      this.#inner = tries.open(this.#attempt);
    } catch (value) {
      this.#thrown = { value };
    }
  }

  [Symbol.asyncIterator](): AsyncIterableIterator<unknown> {
    return this;
  }

  next(): Promise<IteratorResult<unknown>> {
    if (this.#rest !== undefined) return this.#rest.next();
    return this.#ended ? Promise.resolve(done) : this.#first();
  }

  return(): Promise<IteratorResult<unknown>> {
    this.#ended = true;
    if (this.#rest !== undefined) this.#rest.letGo();
    else letGo(this.#inner);
    this.#attempt.abort();
    return Promise.resolve(done);
  }

  async #first(): Promise<IteratorResult<unknown>> {
    for (;;) {
      try {
        const result = await this.#pull();
        return this.#answered(this.#inner as AsyncIterator<unknown>, result);
      } catch (thrown) {
        const error = this.#failed.end(this.#attempt, thrown);
        this.#inner = undefined;
        if (!(await this.#tries.waitFor(this.#attempt, error))) {
          this.#ended = true;
          this.#failed.giveUp(this.#attempt);
          throw error;
        }
        this.#attempt = this.#tries.another();
      }
    }
  }

  #pull(): Promise<IteratorResult<unknown>> {
    const thrown = this.#thrown;
    this.#thrown = undefined;
    if (thrown !== undefined) throw thrown.value;
    return (this.#inner ??= this.#tries.open(this.#attempt)).next();
  }

  #answered(inner: AsyncIterator<unknown>, result: IteratorResult<unknown>): IteratorResult<unknown> {
    this.#tries.answered(this.#attempt.elapsed());
    this.#failed.requests?.commit();
    this.#rest = new AnsweredStream(this.#attempt, this.#failed.call, inner);
    return this.#rest.passed(result);
  }
}
