import type { Clock } from "@sampan/core";

/** A pause that ends early. A ring while nobody pauses is remembered, so nothing that happens between two passes is missed. */
export class WakeUp {
  readonly #clock: Clock;
  #rung = false;
  #end: (() => void) | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Ends the pause that runs, or the next one before it begins. */
  ring(): void {
    this.#rung = true;
    this.#end?.();
  }

  /** Forgets rings so far: what they announced is going to be looked at. */
  clear(): void {
    this.#rung = false;
  }

  pause(ms: number): Promise<void> {
    if (this.#rung) return Promise.resolve();
    return new Promise((resolve) => {
      const cancel = this.#clock.timer(ms, () => this.#end?.(), { background: true });
      this.#end = () => {
        this.#end = undefined;
        cancel();
        resolve();
      };
    });
  }
}
