import type { VirtualTime } from "../harness/virtual-time.js";
import type { SimulatedInstance } from "./scenario.js";

export interface Job {
  /** On a usual instance. */
  readonly needsMs: number;
  /** Whether anybody waits for it still. */
  readonly wanted: () => boolean;
  readonly answered: () => void;
}

/** A number of workers and one line of calls before them, first come first served. */
export class SimulatedServer {
  readonly #instance: SimulatedInstance;
  readonly #time: VirtualTime;
  readonly #line: Job[] = [];
  #busy = 0;

  constructor(instance: SimulatedInstance, time: VirtualTime) {
    this.#instance = instance;
    this.#time = time;
  }

  serve(job: Job): void {
    if (this.#busy < this.#instance.workers) this.#work(job);
    else this.#line.push(job);
  }

  #work(job: Job): void {
    this.#busy++;
    this.#time.at(this.#endOf(job.needsMs * this.#instance.slowness), () => {
      this.#busy--;
      if (job.wanted()) job.answered();
      for (let next = this.#line.shift(); next !== undefined; next = this.#line.shift()) {
        // A server drops what its caller has given up.
        if (!next.wanted()) continue;
        this.#work(next);
        break;
      }
    });
  }

  /** When work that begins now ends: it rests while the instance hangs. */
  #endOf(ms: number): number {
    const { hangs } = this.#instance;
    let at = this.#time.monotonic();
    if (hangs === undefined) return at + ms;
    for (let left = ms; ; ) {
      const phase = at % hangs.everyMs;
      if (phase < hangs.forMs) at += hangs.forMs - phase;
      const until = at + hangs.everyMs - (at % hangs.everyMs);
      if (at + left <= until) return at + left;
      left -= until - at;
      at = until;
    }
  }
}
