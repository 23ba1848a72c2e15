import type { Balancer, Endpoint } from "@sampan/core/ports";

/** Any of them, with the same chance. */
export function random(draw: () => number): Balancer {
  let list: readonly Endpoint[] = [];
  return {
    update(endpoints) {
      list = endpoints;
    },
    pick: () => list[Math.floor(draw() * list.length)],
  };
}
