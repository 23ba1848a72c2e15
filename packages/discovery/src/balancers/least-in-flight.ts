import type { Balancer, Endpoint } from "@sampan/core/ports";

/** The one with the fewest calls in flight for its weight; among equals the next in turn. Looks at all of them. */
export function leastInFlight(start: number): Balancer {
  let list: readonly Endpoint[] = [];
  let turn = -1;
  return {
    update(endpoints) {
      list = endpoints;
      if (turn < 0) turn = Math.floor(start * endpoints.length);
    },
    pick() {
      const count = list.length;
      if (count === 0) return undefined;
      if (++turn >= count) turn = 0;
      let best = list[turn] as Endpoint;
      let least = load(best);
      for (let i = 1, place = turn + 1; i < count; i++, place++) {
        if (place >= count) place -= count;
        const each = list[place] as Endpoint;
        const found = load(each);
        if (found < least) {
          best = each;
          least = found;
        }
      }
      return best;
    },
  };
}

function load(endpoint: Endpoint): number {
  return (endpoint.inFlight + 1) / endpoint.weight;
}
