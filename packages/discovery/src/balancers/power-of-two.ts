import type { Balancer, Endpoint } from "@sampan/core/ports";

/** What an endpoint that is working on its first answers is taken to need, in ms: it is tried once, then waited for. */
const unknownMs = 1000;

/**
 * Draws two and takes the one that promises the shorter wait: smoothed latency times the calls in flight, for its
 * weight. Two draws are enough to keep away from a slow one, and unlike the best of all they do not make every caller
 * run to the same endpoint (Mitzenmacher, "The power of two choices"; the cost is that of Finagle's peak EWMA).
 */
export function powerOfTwo(draw: () => number): Balancer {
  let list: readonly Endpoint[] = [];
  return {
    update(endpoints) {
      list = endpoints;
    },
    pick(_, now) {
      const count = list.length;
      if (count <= 1) return list[0];
      const first = Math.floor(draw() * count);
      let second = Math.floor(draw() * (count - 1));
      if (second >= first) second++;
      const a = list[first] as Endpoint;
      const b = list[second] as Endpoint;
      return cost(b, now) < cost(a, now) ? b : a;
    },
  };
}

function cost(endpoint: Endpoint, now: number): number {
  const { inFlight, weight } = endpoint;
  const known = endpoint.expectedMs(now);
  const expected = known > 0 ? known : inFlight > 0 ? unknownMs : 0;
  return (expected * (inFlight + 1)) / weight;
}
