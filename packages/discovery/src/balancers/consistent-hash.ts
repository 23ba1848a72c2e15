import type { Balancer, Endpoint } from "@sampan/core/ports";
import { hash } from "./hash.js";
import { HashRing } from "./hash-ring.js";

export interface ConsistentHashOptions {
  /**
   * How far above its share of the calls in flight an endpoint may go before a key moves on to the next one (Mirrokni,
   * Thorup, Zadimoghaddam, "Consistent hashing with bounded loads"). Above 1; default 1.25.
   */
  readonly overload?: number;
}

/** The same key to the same endpoint, unless that one has more than its bounded share. A call without a key goes anywhere. */
export function consistentHash(draw: () => number, options: ConsistentHashOptions = {}): Balancer {
  const overload = options.overload ?? 1.25;
  const ring = new HashRing();
  let list: readonly Endpoint[] = [];
  let weights = 0;
  return {
    update(endpoints) {
      list = endpoints;
      weights = 0;
      for (const { weight } of endpoints) weights += weight;
      ring.fill(endpoints);
    },
    pick({ key }) {
      if (list.length === 0) return undefined;
      let inFlight = 1;
      for (let i = 0; i < list.length; i++) inFlight += (list[i] as Endpoint).inFlight;
      const from = ring.find(key === "" ? Math.floor(draw() * 0x1_0000_0000) : hash(key));
      for (let i = 0; i < ring.size; i++) {
        const endpoint = list[ring.owner(from + i)] as Endpoint;
        if (endpoint.inFlight + 1 <= Math.ceil((overload * inFlight * endpoint.weight) / weights)) return endpoint;
      }
      return list[ring.owner(from)];
    },
  };
}
