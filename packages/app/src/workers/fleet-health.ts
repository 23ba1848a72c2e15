import type { Health } from "@sampan/telemetry";

/**
 * What `/readyz` says of the workers. A service is ready when each of them has been ready, and as long as one is: the
 * others' connections come to it while they are replaced. One that is on its way back is not listed.
 */
export class FleetHealth {
  readonly #health: Health;
  readonly #size: number;
  #complete = false;

  constructor(health: Health, size: number) {
    this.#health = health;
    this.#size = size;
    for (let place = 1; place <= size; place++) health.set(name(place), "starting");
    this.#changed(0);
  }

  ready(place: number, readyNow: number): void {
    this.#health.set(name(place), "up");
    if (readyNow === this.#size) this.#complete = true;
    this.#changed(readyNow);
  }

  gone(place: number, readyNow: number): void {
    if (this.#complete) this.#health.remove(name(place));
    else this.#health.set(name(place), "starting");
    this.#changed(readyNow);
  }

  #changed(readyNow: number): void {
    const up = this.#complete && readyNow > 0;
    const reason = readyNow === this.#size ? "" : `${readyNow} of ${this.#size} are ready`;
    this.#health.set("workers", up ? "up" : "starting", reason);
  }
}

function name(place: number): string {
  return `worker ${place}`;
}
