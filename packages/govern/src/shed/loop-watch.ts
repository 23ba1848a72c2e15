import type { Clock } from "@sampan/core";
import type { LoadSignal } from "./shedder.js";

/** How busy the event loop of this thread is; shared by all that shed. */
export interface LoopSignal extends LoadSignal {
  /** A call arrives. */
  enter(now: number): void;
}

/** How often lateness is measured beside the turns in which calls arrive, ms. */
const sampleMs = 20;
/** What was measured is forgotten after so long without a call, ms. */
const staleMs = 1000;

/**
 * Measures turns of the event loop: from the first call that arrives in one until its check phase, where immediates run,
 * and besides how late a timer fires, which also shows work that is not calls. Both are smoothed over a few samples, so
 * one long pause alone is no overload. It costs something only while calls arrive: an immediate each turn, and a timer
 * fifty times a second.
 */
export class LoopWatch implements LoopSignal {
  turnMs = 0;
  delayMs = 0;
  readonly #clock: Clock;
  readonly #atTurnEnd: (run: () => void) => void;
  #turnBegan = 0;
  #inTurn = false;
  #timing = false;
  #timerDue = 0;
  #turns = 0;
  #lateness = 0;
  #measuredAt = Number.NEGATIVE_INFINITY;
  readonly #turnEnded = (): void => this.#endTurn();
  readonly #timerFired = (): void => this.#endTimer();

  constructor(clock: Clock, atTurnEnd: (run: () => void) => void = setImmediate) {
    this.#clock = clock;
    this.#atTurnEnd = atTurnEnd;
  }

  /** Hot: bench `govern`. */
  enter(now: number): void {
    if (this.#inTurn) {
      this.turnMs = now - this.#turnBegan;
      return;
    }
    this.#begin(now);
  }

  #begin(now: number): void {
    this.#inTurn = true;
    this.#turnBegan = now;
    this.turnMs = 0;
    if (now - this.#measuredAt > staleMs) {
      this.#turns = 0;
      this.#lateness = 0;
      this.delayMs = 0;
    }
    this.#atTurnEnd(this.#turnEnded);
    if (this.#timing) return;
    this.#timing = true;
    this.#timerDue = now + sampleMs;
    this.#clock.timer(sampleMs, this.#timerFired, { background: true });
  }

  #endTurn(): void {
    const now = this.#clock.monotonic();
    this.#inTurn = false;
    this.#turns += (now - this.#turnBegan - this.#turns) / 2;
    this.#measured(now);
  }

  #endTimer(): void {
    const now = this.#clock.monotonic();
    this.#timing = false;
    this.#lateness += (Math.max(0, now - this.#timerDue) - this.#lateness) / 2;
    this.#measured(now);
  }

  #measured(now: number): void {
    this.#measuredAt = now;
    this.delayMs = Math.max(this.#turns, this.#lateness);
  }
}
