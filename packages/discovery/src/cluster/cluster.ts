import type { Instance, PickHints } from "@sampan/core/ports";
import { type BalancerName, balancers } from "../balancers/index.js";
import type { EndpointState } from "./endpoint-state.js";
import { EndpointTable, type TableChange } from "./endpoint-table.js";
import { healthy, type PanicPolicy } from "./healthy.js";
import { Picker } from "./picker.js";
import { defaultSlowStart, type SlowStartPolicy, warmth } from "./slow-start.js";
import { subset } from "./subset.js";

export interface ClusterOptions {
  /** Default `power-of-two`. */
  readonly balancer?: BalancerName;
  /** The caller's zone; empty (the default) uses all zones alike. */
  readonly zone?: string;
  /** The caller's own instance id: which subset it uses. */
  readonly caller?: string;
  /** Instances that one caller uses; 0 (the default) means all. */
  readonly subsetSize?: number;
  readonly slowStart?: SlowStartPolicy;
  readonly panic?: PanicPolicy;
  readonly random?: () => number;
}

/** Says from outside whether an endpoint may take calls: outlier ejection, an endpoint's breaker. */
export interface EndpointGate {
  /** Asked at each pick; must be cheap. */
  healthy(address: string, now: number): boolean;
}

/** Picks that are tried before an endpoint is taken although its gate is closed or this call has failed there before. */
const repicks = 8;

/**
 * The instances of one service as one caller uses them. A decider: sets, health and time go in, an endpoint for each
 * call comes out. Instances that are in the registry and up take traffic (all of them, when too few are up); of those a
 * subset; calls with a release tag go to instances of that release, or to stable ones when there is none; new instances
 * begin slowly.
 */
export class Cluster {
  #options: ClusterOptions;
  readonly #draw: () => number;
  #slowStart: SlowStartPolicy;
  #panicPolicy: PanicPolicy;
  readonly #table = new EndpointTable();
  readonly #pickers = new Map<string, Picker>();
  #all: readonly EndpointState[] = [];
  #balancer: BalancerName;
  #warming = false;
  #panic = false;

  constructor(options: ClusterOptions = {}) {
    this.#options = options;
    this.#draw = options.random ?? Math.random;
    this.#slowStart = options.slowStart ?? defaultSlowStart;
    this.#panicPolicy = options.panic ?? { threshold: 0.5 };
    this.#balancer = options.balancer ?? "power-of-two";
  }

  /** Every endpoint in the registry's set. */
  get endpoints(): readonly EndpointState[] {
    return this.#all;
  }

  /** So few are up that health is ignored. */
  get panic(): boolean {
    return this.#panic;
  }

  /** Some instance has less than its full weight: call `refresh` about once a second until it is over. */
  get warming(): boolean {
    return this.#warming;
  }

  /** A new full set. Ids must be unique (see `WorkingSet`). */
  update(instances: readonly Instance[], now: number): TableChange {
    // The first set is not new to the world, only to us: without this every restart of a caller would slow-start all.
    const first = this.#all.length === 0;
    const change = this.#table.update(instances, first ? now - this.#slowStart.windowMs : now);
    this.#all = change.endpoints;
    this.refresh(now);
    return change;
  }

  /** Another balancer from the next pick on. */
  balanceBy(balancer: BalancerName, now: number): void {
    if (balancer === this.#balancer) return;
    this.#balancer = balancer;
    this.#pickers.clear();
    this.refresh(now);
  }

  /** Other options from the next pick on, all but `random`; what is known of the endpoints stays. */
  configure(options: ClusterOptions, now: number): void {
    this.#options = options;
    this.#slowStart = options.slowStart ?? defaultSlowStart;
    this.#panicPolicy = options.panic ?? { threshold: 0.5 };
    this.#balancer = options.balancer ?? "power-of-two";
    this.#pickers.clear();
    this.refresh(now);
  }

  /** Health has changed, or time has passed while instances warm up. */
  refresh(now: number): void {
    this.#warming = false;
    for (const endpoint of this.#all) {
      const warm = warmth(now - endpoint.since, this.#slowStart);
      if (warm < 1) this.#warming = true;
      endpoint.weight = endpoint.instance.weight * warm;
    }
    const chosen = healthy(this.#all, isUp, this.#panicPolicy);
    this.#panic = chosen.panic;
    const used = subset(chosen.endpoints, this.#options.caller ?? "", this.#options.subsetSize ?? 0);
    const byRelease = new Map<string, EndpointState[]>();
    for (const endpoint of used) {
      const list = byRelease.get(endpoint.instance.version);
      if (list === undefined) byRelease.set(endpoint.instance.version, [endpoint]);
      else list.push(endpoint);
    }
    // Without a stable instance a call without a tag is better served by any than by none.
    if (!byRelease.has("") && used.length > 0) byRelease.set("", [...used]);
    for (const release of this.#pickers.keys()) if (!byRelease.has(release)) this.#pickers.delete(release);
    for (const [release, endpoints] of byRelease) this.#pickerOf(release).update(endpoints, now);
  }

  /**
   * An endpoint for a call; undefined only when there is none. `tried` are endpoints that this call has failed at: others
   * are preferred, as are those whose gate is open.
   */
  pick(
    release: string,
    hints: PickHints,
    now: number,
    tried?: readonly EndpointState[],
    gate?: EndpointGate,
  ): EndpointState | undefined {
    const picker = this.#pickers.get(release) ?? this.#pickers.get("");
    if (picker === undefined) return undefined;
    const picked = picker.pick(hints, now);
    if (picked === undefined || accepts(picked, now, tried, gate)) return picked;
    for (let i = 1; i < repicks; i++) {
      const next = picker.pick(hints, now);
      if (next !== undefined && accepts(next, now, tried, gate)) return next;
    }
    const { endpoints } = picker;
    const from = Math.floor(this.#draw() * endpoints.length);
    for (let i = 0; i < endpoints.length; i++) {
      const next = endpoints[(from + i) % endpoints.length] as EndpointState;
      if (accepts(next, now, tried, gate)) return next;
    }
    return picked;
  }

  #pickerOf(release: string): Picker {
    let picker = this.#pickers.get(release);
    if (picker === undefined) {
      picker = new Picker(balancers[this.#balancer], this.#options.zone ?? "", this.#draw);
      this.#pickers.set(release, picker);
    }
    return picker;
  }
}

function isUp({ instance }: EndpointState): boolean {
  return instance.health === "up" || instance.health === "unknown";
}

function accepts(
  endpoint: EndpointState,
  now: number,
  tried: readonly EndpointState[] | undefined,
  gate: EndpointGate | undefined,
): boolean {
  if (tried?.includes(endpoint)) return false;
  return gate === undefined || gate.healthy(endpoint.instance.address, now);
}
