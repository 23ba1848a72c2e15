import type { CancelTimer, Clock } from "@sampan/core";

interface Waiting {
  readonly at: number;
  readonly fire: () => void;
  readonly background: boolean;
  cancel: CancelTimer;
}

/**
 * Another clock moved forward by an offset that grows on demand; its timers follow. The offset is not kept: after a
 * restart a stand-in is back at the present.
 */
export class ShiftedClock implements Clock {
  readonly #base: Clock;
  readonly #waiting = new Set<Waiting>();
  #offset = 0;

  constructor(base: Clock) {
    this.#base = base;
  }

  now(): number {
    return this.#base.now() + this.#offset;
  }

  monotonic(): number {
    return this.#base.monotonic() + this.#offset;
  }

  timer(ms: number, fire: () => void, options?: { readonly background?: boolean }): CancelTimer {
    const waiting: Waiting = { at: this.now() + ms, fire, background: options?.background ?? false, cancel: () => {} };
    this.#waiting.add(waiting);
    this.#arm(waiting);
    return () => {
      this.#waiting.delete(waiting);
      waiting.cancel();
    };
  }

  /**
   * Moves time forward from one due timer to the next, in order, and calls `settle` after each, so that what a timer
   * starts (a delivery that fails and plans the next) happens at its own time and not at the end.
   */
  async advance(ms: number, settle: () => Promise<void>): Promise<void> {
    // What is under way belongs to the present, and so does what it plans.
    await settle();
    const until = this.now() + ms;
    for (;;) {
      const next = [...this.#waiting].reduce<Waiting | undefined>(
        (a, b) => (a === undefined || b.at < a.at ? b : a),
        undefined,
      );
      if (next === undefined || next.at > until) break;
      this.#offset += Math.max(0, next.at - this.now());
      this.#waiting.delete(next);
      next.cancel();
      next.fire();
      await settle();
    }
    this.#offset += Math.max(0, until - this.now());
    for (const waiting of this.#waiting) {
      waiting.cancel();
      this.#arm(waiting);
    }
  }

  #arm(waiting: Waiting): void {
    const fire = (): void => {
      this.#waiting.delete(waiting);
      waiting.fire();
    };
    waiting.cancel = this.#base.timer(Math.max(0, waiting.at - this.now()), fire, { background: waiting.background });
  }
}
