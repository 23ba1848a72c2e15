import type { Balancer, Endpoint } from "@sampan/core/ports";

/**
 * In proportion to weight and as evenly spread as can be: each endpoint is due 1/weight after its last turn, and the
 * one that is due first is next (earliest deadline first, on a binary heap). After any number of picks each has had its
 * share, give or take one.
 */
export function smoothWeighted(start: number): Balancer {
  let list: readonly Endpoint[] = [];
  let due = new Float64Array(0);
  let heap = new Int32Array(0);
  let clock = 0;

  const before = (a: number, b: number): boolean => {
    const x = due[a] as number;
    const y = due[b] as number;
    return x < y || (x === y && a < b);
  };
  const sink = (from: number): void => {
    const moved = heap[from] as number;
    let at = from;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && before(heap[child + 1] as number, heap[child] as number)) child++;
      if (!before(heap[child] as number, moved)) break;
      heap[at] = heap[child] as number;
      at = child;
    }
    heap[at] = moved;
  };

  return {
    update(endpoints) {
      const left = new Map<string, number>();
      for (let i = 0; i < list.length; i++) {
        const each = list[i] as Endpoint;
        // What is left of its wait in turns of its own weight, so that a changed weight does not owe or gain.
        left.set(each.instance.id, ((due[i] as number) - clock) * each.weight);
      }
      list = endpoints;
      clock = 0;
      due = Float64Array.from(endpoints, (each, i) => {
        const turns = left.get(each.instance.id) ?? 1 - ((start + i * 0.618_033_988_75) % 1) * 0.999;
        return Math.min(1, Math.max(0, turns)) / each.weight;
      });
      heap = Int32Array.from(endpoints, (_, i) => i);
      for (let i = (heap.length >>> 1) - 1; i >= 0; i--) sink(i);
    },
    pick() {
      if (heap.length === 0) return undefined;
      const place = heap[0] as number;
      const endpoint = list[place] as Endpoint;
      clock = due[place] as number;
      due[place] = clock + 1 / endpoint.weight;
      sink(0);
      return endpoint;
    },
  };
}
