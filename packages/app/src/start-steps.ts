import type { Clock } from "@sampan/core";
import { AppErrors, reasonOf } from "./errors.js";

export interface StartStepsOptions {
  readonly clock: Clock;
  /** Aborting it interrupts the start. */
  readonly signal: AbortSignal;
  /** How long the step in work may still take after that, in ms. */
  readonly patienceMs: number;
}

/**
 * The steps of a start, each under the name of what it starts. A step that fails throws `START_FAILED` with that name.
 * After an interruption no step begins; the one in work is waited for, so that what it opens can be closed, but no
 * longer than `patienceMs`: then `START_INTERRUPTED` is thrown and what it may still open is left to the end of the process.
 */
export class StartSteps {
  readonly #options: StartStepsOptions;

  constructor(options: StartStepsOptions) {
    this.#options = options;
  }

  async step<T>(part: string, work: () => Promise<T> | T): Promise<T> {
    this.check(part);
    try {
      return await this.#unlessStuck(part, work());
    } catch (thrown) {
      if (AppErrors.START_INTERRUPTED.is(thrown)) throw thrown;
      throw AppErrors.START_FAILED({ part, why: reasonOf(thrown) }, { cause: thrown });
    }
  }

  /** Throws `START_INTERRUPTED` after an interruption. */
  check(part: string): void {
    if (this.#options.signal.aborted) throw AppErrors.START_INTERRUPTED({ part });
  }

  #unlessStuck<T>(part: string, work: Promise<T> | T): Promise<T> {
    const { clock, signal, patienceMs } = this.#options;
    return new Promise((resolve, reject) => {
      let cancel = (): void => {};
      const interrupted = (): void => {
        cancel = clock.timer(patienceMs, () => reject(AppErrors.START_INTERRUPTED({ part })));
      };
      const done = (): void => {
        signal.removeEventListener("abort", interrupted);
        cancel();
      };
      // A step can abort the signal itself before it answers.
      if (signal.aborted) interrupted();
      else signal.addEventListener("abort", interrupted, { once: true });
      Promise.resolve(work).then(
        (value) => {
          done();
          resolve(value);
        },
        (error: unknown) => {
          done();
          reject(error);
        },
      );
    });
  }
}
