import type { Balancer, PickHints } from "@sampan/core/ports";
import type { MakeBalancer } from "../balancers/index.js";
import type { EndpointState } from "./endpoint-state.js";
import { zonePlan } from "./zones.js";

/** Chooses among the endpoints of one release: the caller's zone first, then by balancer. */
export class Picker {
  readonly #zone: string;
  readonly #draw: () => number;
  readonly #local: Balancer;
  readonly #remote: Balancer;
  #localShare = 0;
  #hasRemote = true;
  /** What is chosen among now. */
  endpoints: readonly EndpointState[] = [];

  constructor(make: MakeBalancer, zone: string, draw: () => number) {
    this.#zone = zone;
    this.#draw = draw;
    this.#local = make(draw);
    this.#remote = make(draw);
  }

  update(endpoints: readonly EndpointState[], now: number): void {
    this.endpoints = endpoints;
    const plan = zonePlan(endpoints, this.#zone);
    this.#localShare = plan.localShare;
    this.#hasRemote = plan.remote.length > 0;
    this.#local.update(plan.local, now);
    this.#remote.update(plan.remote, now);
  }

  pick(hints: PickHints, now: number): EndpointState | undefined {
    const share = this.#localShare;
    const stays = share >= 1 || !this.#hasRemote || (share > 0 && this.#draw() < share);
    return (stays ? this.#local : this.#remote).pick(hints, now) as EndpointState | undefined;
  }
}
