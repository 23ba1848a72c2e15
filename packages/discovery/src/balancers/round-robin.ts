import type { Balancer, Endpoint } from "@sampan/core/ports";

/** One after the other, weights aside. `start` in [0, 1) keeps many callers from beginning at the same one. */
export function roundRobin(start: number): Balancer {
  let list: readonly Endpoint[] = [];
  let turn = -1;
  return {
    update(endpoints) {
      list = endpoints;
      if (turn < 0) turn = Math.floor(start * endpoints.length) - 1;
    },
    pick() {
      if (list.length === 0) return undefined;
      turn = turn + 1 >= list.length ? 0 : turn + 1;
      return list[turn];
    },
  };
}
