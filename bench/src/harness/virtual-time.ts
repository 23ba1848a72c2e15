import type { Clock } from "@sampan/core";

interface Planned {
  readonly at: number;
  readonly order: number;
  run: (() => void) | undefined;
}

/**
 * Time that passes only from one planned event to the next: what happens depends on no machine. Events of the same time
 * happen in the order in which they were planned.
 */
export class VirtualTime implements Clock {
  #now = 0;
  #planned = 0;
  /** A binary heap, the next at its top. */
  readonly #heap: Planned[] = [];

  now(): number {
    return this.#now;
  }

  monotonic(): number {
    return this.#now;
  }

  timer(ms: number, fire: () => void): () => void {
    const planned = this.at(this.#now + Math.max(0, ms), fire);
    return () => {
      planned.run = undefined;
    };
  }

  at(time: number, run: () => void): Planned {
    const heap = this.#heap;
    const planned: Planned = { at: time, order: this.#planned++, run };
    let place = heap.push(planned) - 1;
    for (
      let parent = (place - 1) >> 1;
      place > 0 && before(planned, heap[parent] as Planned);
      parent = (place - 1) >> 1
    ) {
      heap[place] = heap[parent] as Planned;
      place = parent;
    }
    heap[place] = planned;
    return planned;
  }

  /** When the next planned event happens; infinite when there is none. */
  get next(): number {
    return this.#heap[0]?.at ?? Number.POSITIVE_INFINITY;
  }

  /** Runs what is planned up to this time, and moves to it. */
  runUntil(time: number): void {
    for (let next = this.#heap[0]; next !== undefined && next.at <= time; next = this.#heap[0]) {
      this.#pop();
      this.#now = next.at;
      next.run?.();
    }
    this.#now = time;
  }

  #pop(): void {
    const heap = this.#heap;
    const moved = heap.pop() as Planned;
    if (heap.length === 0) return;
    let place = 0;
    for (;;) {
      let child = 2 * place + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && before(heap[child + 1] as Planned, heap[child] as Planned)) child++;
      if (!before(heap[child] as Planned, moved)) break;
      heap[place] = heap[child] as Planned;
      place = child;
    }
    heap[place] = moved;
  }
}

function before(a: Planned, b: Planned): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}
