import type { Instance } from "@sampan/core/ports";
import { EndpointState } from "./endpoint-state.js";

export interface TableChange {
  /** All of them, in the order of the instances. */
  readonly endpoints: readonly EndpointState[];
  /** Those that are no longer in the set; calls in flight there may go on. */
  readonly gone: readonly EndpointState[];
}

/** The endpoints of one service by instance id. An address that changes under the same id is another endpoint. */
export class EndpointTable {
  #byId = new Map<string, EndpointState>();

  /** Ids must be unique. */
  update(instances: readonly Instance[], now: number): TableChange {
    const before = this.#byId;
    this.#byId = new Map();
    const endpoints = instances.map((instance) => {
      const known = before.get(instance.id);
      const same = known !== undefined && known.instance.address === instance.address;
      const endpoint = same ? known : new EndpointState(instance, now);
      endpoint.instance = instance;
      if (same) before.delete(instance.id);
      this.#byId.set(instance.id, endpoint);
      return endpoint;
    });
    return { endpoints, gone: [...before.values()] };
  }
}
