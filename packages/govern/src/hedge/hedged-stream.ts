import { type Call, letGo } from "@sampan/core";
import { AnsweredStream } from "../retry/answered-stream.js";
import type { Race } from "./race.js";

const done: IteratorResult<unknown> = { done: true, value: undefined };
const ignore = (): void => {};

/** A response stream that has given its first message, or its end. */
export interface FirstMessage {
  readonly attempt: Call;
  readonly inner: AsyncIterator<unknown>;
  readonly result: IteratorResult<unknown>;
}

/** Starts a try of a response stream and reads as far as its first message. */
export function beginStream(
  open: (attempt: Call) => AsyncIterator<unknown>,
  attempt: Call,
  race: Race<FirstMessage>,
): void {
  let inner: AsyncIterator<unknown>;
  try {
    inner = open(attempt);
  } catch (thrown) {
    race.failed(attempt, thrown);
    return;
  }
  attempt.onAbort(() => letGo(inner));
  inner.next().then(
    (result) => void race.answered(attempt, { attempt, inner, result }),
    (thrown: unknown) => race.failed(attempt, thrown),
  );
}

/**
 * The responses of a hedged stream: those of the try whose first message came first. Pulled by one reader at a time, as
 * supervision does.
 */
export class HedgedStream implements AsyncIterableIterator<unknown> {
  readonly #race: Race<FirstMessage>;
  #rest: AnsweredStream | undefined;
  #ended = false;

  constructor(race: Race<FirstMessage>) {
    this.#race = race;
    // It fails to whoever pulls.
    race.answer.catch(ignore);
  }

  [Symbol.asyncIterator](): AsyncIterableIterator<unknown> {
    return this;
  }

  next(): Promise<IteratorResult<unknown>> {
    if (this.#rest !== undefined) return this.#rest.next();
    if (this.#ended) return Promise.resolve(done);
    return this.#first();
  }

  return(): Promise<IteratorResult<unknown>> {
    this.#ended = true;
    this.#rest?.letGo();
    this.#race.stop();
    return Promise.resolve(done);
  }

  async #first(): Promise<IteratorResult<unknown>> {
    this.#ended = true;
    const { attempt, inner, result } = await this.#race.answer;
    this.#rest = new AnsweredStream(attempt, this.#race.call, inner);
    return this.#rest.passed(result);
  }
}
