export interface LoopWatchTimes {
  /** An event loop that has not turned for so long is blocked, in ms. Default 1000. */
  readonly limitMs?: number;
  /** It is well again when it has turned at every look for so long, in ms. Default 500. */
  readonly recoverMs?: number;
}

/**
 * Whether another thread's event loop turns, by a number that it counts up. A decider. A look that comes late counts no more
 * than twice its due, so that a process which was stopped as a whole is not taken for a blocked loop.
 */
export class LoopWatch {
  readonly #everyMs: number;
  readonly #limitMs: number;
  readonly #recoverMs: number;
  #beat = -1;
  #stillMs = 0;
  #turningMs = 0;
  #blocked = false;

  constructor(everyMs: number, times: LoopWatchTimes = {}) {
    this.#everyMs = everyMs;
    this.#limitMs = times.limitMs ?? 1000;
    this.#recoverMs = times.recoverMs ?? 500;
  }

  /** A look at the number, so many ms after the last one; true while the loop is taken for blocked. */
  look(beat: number, sinceLastMs: number): boolean {
    const passed = Math.min(sinceLastMs, this.#everyMs * 2);
    if (beat === this.#beat) {
      this.#stillMs += passed;
      this.#turningMs = 0;
      if (this.#stillMs > this.#limitMs) this.#blocked = true;
    } else {
      this.#beat = beat;
      this.#stillMs = 0;
      this.#turningMs += passed;
      if (this.#turningMs >= this.#recoverMs) this.#blocked = false;
    }
    return this.#blocked;
  }
}
