/**
 * Requests in work, and whether new ones are taken. A request counts from its headers until its answer is sent or its
 * client is gone, so that draining waits for answers and not only for calls.
 */
export class Traffic {
  readonly #max: number;
  #inFlight = 0;
  #draining = false;
  #idle: (() => void)[] = [];

  constructor(max: number) {
    this.#max = max;
  }

  get inFlight(): number {
    return this.#inFlight;
  }

  get full(): boolean {
    return this.#inFlight >= this.#max;
  }

  get draining(): boolean {
    return this.#draining;
  }

  enter(): void {
    this.#inFlight++;
  }

  leave(): void {
    this.#inFlight--;
    if (this.#inFlight === 0 && this.#idle.length > 0) for (const resolve of this.#idle.splice(0)) resolve();
  }

  drain(): Promise<void> {
    this.#draining = true;
    return this.#inFlight === 0 ? Promise.resolve() : new Promise((resolve) => this.#idle.push(resolve));
  }
}
