import type { Balancer, Endpoint } from "@sampan/core/ports";
import { WeightedTable } from "./weighted-table.js";

/** Any of them, with chances in proportion to their weights. */
export function weightedRandom(draw: () => number): Balancer {
  let list: readonly Endpoint[] = [];
  const table = new WeightedTable();
  return {
    update(endpoints) {
      list = endpoints;
      table.fill(list.length, (place) => (list[place] as Endpoint).weight);
    },
    pick: () => list[table.at(draw())],
  };
}
