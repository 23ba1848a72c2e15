import type { Balancer, Endpoint } from "@sampan/core/ports";
import { hash } from "./hash.js";
import { HashRing } from "./hash-ring.js";

/** The same caller's address to the same endpoint, whatever its load. A call without an address goes anywhere. */
export function ipHash(draw: () => number): Balancer {
  const ring = new HashRing();
  let list: readonly Endpoint[] = [];
  return {
    update(endpoints) {
      list = endpoints;
      ring.fill(endpoints);
    },
    pick({ client }) {
      if (list.length === 0) return undefined;
      return list[ring.owner(ring.find(client === "" ? Math.floor(draw() * 0x1_0000_0000) : hash(client)))];
    },
  };
}
