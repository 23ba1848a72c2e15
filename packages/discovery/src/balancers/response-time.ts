import type { Balancer, Endpoint } from "@sampan/core/ports";
import { WeightedTable } from "./weighted-table.js";

/** How often the chances are computed anew, in ms (ours: often against the seconds in which response times change). */
const refreshMs = 100;

/**
 * Chances in proportion to weight and in inverse proportion to response time. An endpoint that has not answered yet
 * counts as average, so that it is tried but not flooded.
 */
export function responseTimeWeighted(draw: () => number): Balancer {
  let list: readonly Endpoint[] = [];
  let filledAt = Number.NEGATIVE_INFINITY;
  const table = new WeightedTable();
  const fill = (now: number): void => {
    filledAt = now;
    const average = averageOf(list, now);
    table.fill(list.length, (place) => {
      const endpoint = list[place] as Endpoint;
      const expected = endpoint.expectedMs(now);
      return endpoint.weight / Math.max(0.01, expected === 0 ? average : expected);
    });
  };
  return {
    update(endpoints, now) {
      list = endpoints;
      fill(now);
    },
    pick(_, now) {
      if (now - filledAt >= refreshMs) fill(now);
      return list[table.at(draw())];
    },
  };
}

function averageOf(list: readonly Endpoint[], now: number): number {
  let sum = 0;
  let known = 0;
  for (const endpoint of list) {
    const expected = endpoint.expectedMs(now);
    if (expected === 0) continue;
    sum += expected;
    known++;
  }
  return known === 0 ? 1 : sum / known;
}
