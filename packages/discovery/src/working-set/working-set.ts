import type { RpcError } from "@sampan/core";
import type { Instance, ResolverEvent } from "@sampan/core/ports";
import { checkInstance } from "./check-instance.js";

export interface WorkingSetOptions {
  /** Instances of one service; more are left out, and counted. Default 10000. */
  readonly maxInstances?: number;
  /**
   * An empty answer is believed only when it has lasted so long, in ms: seen when `pass` is called at `believedAt`, or at
   * the next empty answer. Default Infinity: never.
   */
  readonly believeEmptyAfterMs?: number;
}

/** How much of what the registry says is in use. */
export interface WorkingSetState {
  readonly instances: readonly Instance[];
  /** Monotonic ms of the last set that was good; undefined before the first. */
  readonly freshAt: number | undefined;
  /** Why the registry is not followed at the moment: it fails, or says that there is nobody. */
  readonly stale: RpcError | "empty" | undefined;
  /** Entries of the last answer that were left out, and the first reason. */
  readonly rejected: number;
  readonly rejectedWhy: string;
}

/**
 * What a registry says, made safe to use. A decider. An error or an empty answer never empties a set that works: the
 * last good one stays in use and its age can be seen. Entries that are not valid, twice there or too many are left out,
 * the rest is used.
 */
export class WorkingSet {
  readonly #maxInstances: number;
  readonly #believeEmptyAfterMs: number;
  #emptySince: number | undefined;
  #state: WorkingSetState = { instances: [], freshAt: undefined, stale: undefined, rejected: 0, rejectedWhy: "" };

  constructor(options: WorkingSetOptions = {}) {
    this.#maxInstances = options.maxInstances ?? 10_000;
    this.#believeEmptyAfterMs = options.believeEmptyAfterMs ?? Number.POSITIVE_INFINITY;
  }

  get state(): WorkingSetState {
    return this.#state;
  }

  /** When, in monotonic ms, the empty answer that was the last one is old enough to be believed; undefined for any other. */
  get believedAt(): number | undefined {
    if (this.#state.stale !== "empty" || this.#emptySince === undefined) return undefined;
    const at = this.#emptySince + this.#believeEmptyAfterMs;
    return Number.isFinite(at) ? at : undefined;
  }

  /** The time has passed and nothing was said; true when the instances in use have changed. */
  pass(now: number): boolean {
    const { believedAt } = this;
    if (believedAt === undefined || now < believedAt) return false;
    this.#state = { ...this.#state, instances: [], freshAt: now, stale: undefined };
    return true;
  }

  /** Takes what a resolver says; true when the instances in use have changed. */
  take(event: ResolverEvent, now: number): boolean {
    if ("error" in event) {
      this.#state = { ...this.#state, stale: event.error };
      return false;
    }
    const { good, rejected, rejectedWhy } = this.#sift(event.instances);
    if (good.length === 0 && !this.#believeEmpty(now)) {
      this.#state = { ...this.#state, stale: "empty", rejected, rejectedWhy };
      return false;
    }
    if (good.length > 0) this.#emptySince = undefined;
    const changed = !sameSet(good, this.#state.instances);
    const instances = changed ? good : this.#state.instances;
    this.#state = { instances, freshAt: now, stale: undefined, rejected, rejectedWhy };
    return changed;
  }

  #believeEmpty(now: number): boolean {
    if (this.#state.instances.length === 0) return true;
    this.#emptySince ??= now;
    return now - this.#emptySince >= this.#believeEmptyAfterMs;
  }

  #sift(instances: readonly Instance[]): { good: Instance[]; rejected: number; rejectedWhy: string } {
    const good = new Map<string, Instance>();
    const addresses = new Set<string>();
    let rejected = 0;
    let rejectedWhy = "";
    for (const instance of instances) {
      const why =
        checkInstance(instance) ??
        (good.has(instance.id) ? `${instance.id} is there twice` : undefined) ??
        (addresses.has(instance.address) ? `${instance.address} is there twice` : undefined) ??
        (good.size >= this.#maxInstances ? `there are more than ${this.#maxInstances} instances` : undefined);
      if (why === undefined) {
        good.set(instance.id, instance);
        addresses.add(instance.address);
      } else if (rejected++ === 0) rejectedWhy = why;
    }
    // In an order of our own, so that a registry that shuffles its answer changes nothing.
    const sorted = [...good.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
    return { good: sorted, rejected, rejectedWhy };
  }
}

function sameSet(a: readonly Instance[], b: readonly Instance[]): boolean {
  return a.length === b.length && a.every((each, i) => sameInstance(each, b[i] as Instance));
}

function sameInstance(a: Instance, b: Instance): boolean {
  if (a.id !== b.id || a.address !== b.address || a.zone !== b.zone || a.weight !== b.weight) return false;
  if (a.version !== b.version || a.health !== b.health) return false;
  const keys = Object.keys(a.labels);
  return keys.length === Object.keys(b.labels).length && keys.every((key) => a.labels[key] === b.labels[key]);
}
