import type { Clock } from "@sampan/core";

interface Timer {
  readonly at: number;
  readonly order: number;
  readonly fire: () => void;
  cancelled: boolean;
}

/** Time that jumps from one timer to the next, so that a day of calls is replayed in seconds, always in the same order. */
export class VirtualClock implements Clock {
  readonly #start: number;
  #now: number;
  #order = 0;
  /** A heap: the earliest first, and of those the one set first. */
  readonly #timers: Timer[] = [];

  constructor(startMs: number) {
    this.#start = startMs;
    this.#now = startMs;
  }

  readonly now = (): number => this.#now;
  readonly monotonic = (): number => this.#now - this.#start;

  timer(ms: number, fire: () => void): () => void {
    const timer: Timer = { at: this.#now + Math.max(0, ms), order: this.#order++, fire, cancelled: false };
    this.#push(timer);
    return () => void (timer.cancelled = true);
  }

  /** Fires what becomes due up to then, in order, letting promises run between two timers. */
  async advanceTo(at: number): Promise<void> {
    await settle();
    for (let next = this.#timers[0]; next !== undefined && next.at <= at; next = this.#timers[0]) {
      this.#pop();
      if (next.cancelled) continue;
      this.#now = Math.max(this.#now, next.at);
      next.fire();
      await settle();
    }
    this.#now = Math.max(this.#now, at);
  }

  #push(timer: Timer): void {
    const heap = this.#timers;
    let at = heap.push(timer) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!before(timer, heap[parent] as Timer)) break;
      heap[at] = heap[parent] as Timer;
      at = parent;
    }
    heap[at] = timer;
  }

  #pop(): void {
    const heap = this.#timers;
    const last = heap.pop() as Timer;
    if (heap.length === 0) return;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && before(heap[child + 1] as Timer, heap[child] as Timer)) child++;
      if (!before(heap[child] as Timer, last)) break;
      heap[at] = heap[child] as Timer;
      at = child;
    }
    heap[at] = last;
  }
}

function before(a: Timer, b: Timer): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}

/** Everything that waits for nothing but promises has run. */
function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
