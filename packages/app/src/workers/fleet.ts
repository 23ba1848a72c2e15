import { nextRestart, type RestartPolicy } from "../restarts.js";

export interface FleetPolicy {
  readonly size: number;
  readonly restarts: RestartPolicy;
  /** A place whose worker has ended so many times in a row before it was ready is given up, and the service with it. */
  readonly maxFailedStarts: number;
}

/** What to do about a worker that has ended. */
export type AfterEnd =
  | { readonly kind: "fork"; readonly waitMs: number; readonly failures: number }
  | { readonly kind: "give-up"; readonly failedStarts: number }
  | { readonly kind: "leave" };

interface Place {
  state: "starting" | "ready" | "gone";
  forkedAt: number;
  failures: number;
  failedStarts: number;
}

/**
 * Which workers there should be. Places are numbered from 1; the worker of place 1 does what exists once in a service,
 * and so does the one that replaces it, which is forked only after it has ended. Time in ms; decides, and forks nothing.
 */
export class Fleet {
  readonly #policy: FleetPolicy;
  readonly #places: readonly Place[];
  #stopping = false;
  #complete = false;

  constructor(policy: FleetPolicy) {
    this.#policy = policy;
    this.#places = Array.from({ length: policy.size }, () => ({
      state: "gone",
      forkedAt: 0,
      failures: 0,
      failedStarts: 0,
    }));
  }

  /** Workers that are ready now. */
  get ready(): number {
    return this.#places.filter(({ state }) => state === "ready").length;
  }

  /** Whether all places have been ready at the same time: the service has started. */
  get complete(): boolean {
    return this.#complete;
  }

  forked(place: number, at: number): void {
    const it = this.#at(place);
    it.state = "starting";
    it.forkedAt = at;
  }

  becameReady(place: number): void {
    const it = this.#at(place);
    it.state = "ready";
    it.failedStarts = 0;
    if (this.ready === this.#places.length) this.#complete = true;
  }

  /** It still lives, and takes no more work. */
  left(place: number): void {
    const it = this.#at(place);
    if (it.state === "ready") it.state = "gone";
  }

  ended(place: number, at: number): AfterEnd {
    const it = this.#at(place);
    if (it.state === "starting") it.failedStarts++;
    it.state = "gone";
    if (this.#stopping) return { kind: "leave" };
    if (it.failedStarts >= this.#policy.maxFailedStarts) {
      return { kind: "give-up", failedStarts: it.failedStarts };
    }
    const { failures, waitMs } = nextRestart(this.#policy.restarts, it.failures, at - it.forkedAt);
    it.failures = failures;
    return { kind: "fork", waitMs, failures };
  }

  /** From now on nobody is replaced. */
  stop(): void {
    this.#stopping = true;
  }

  #at(place: number): Place {
    const it = this.#places[place - 1];
    if (it === undefined) throw new TypeError(`there is no place ${place} for a worker`);
    return it;
  }
}
