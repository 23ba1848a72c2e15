/** One call that waits, as the queue sees it; whoever makes it keeps it to cancel by. */
export interface Waiter {
  /** 0 is the most important class. */
  readonly rank: number;
  readonly tenant: string;
  /** Monotonic ms; set by the queue. */
  queuedAt: number;
  /** The queue's own; undefined when it does not wait. */
  lane: Lane | undefined;
  newer: Waiter | undefined;
  older: Waiter | undefined;
  laterIn: Waiter | undefined;
  earlierIn: Waiter | undefined;
}

/** The waiting calls of one tenant in one class, oldest first. */
interface Lane {
  readonly tenant: string;
  readonly rank: number;
  weight: number;
  /** What it may still start in this round, with what is left of the last one. */
  deficit: number;
  size: number;
  first: Waiter | undefined;
  last: Waiter | undefined;
  next: Lane | undefined;
  previous: Lane | undefined;
}

/**
 * Calls that wait for a slot, at most `capacity` of them. The most important class goes first; within a class tenants
 * take turns by deficit round robin (Shreedhar and Varghese 1995; every call costs 1), and within a tenant the oldest
 * goes first. With `k` waiting tenants of equal weight each gets every k-th slot.
 *
 * When it is full, a newcomer takes the place of the newest call of the longest lane of the least important class, if
 * that is less important or longer than its own lane would be: so a flood pushes out only itself.
 *
 * Joining, starting and cancelling take constant time; only a full queue looks at all lanes.
 */
export class FairQueue {
  #capacity: number;
  #weights: ReadonlyMap<string, number>;
  readonly #ranks: number;
  readonly #lanes: Map<string, Lane>[];
  /** The lane whose turn it is, by rank. */
  readonly #turn: (Lane | undefined)[];
  #size = 0;
  #oldest: Waiter | undefined;
  #newest: Waiter | undefined;

  constructor(capacity: number, ranks: number, weights: ReadonlyMap<string, number> = new Map()) {
    this.#capacity = capacity;
    this.#ranks = ranks;
    this.#weights = weights;
    this.#lanes = Array.from({ length: ranks }, () => new Map<string, Lane>());
    this.#turn = Array.from({ length: ranks }, () => undefined);
  }

  get size(): number {
    return this.#size;
  }

  /** Who has waited the longest. */
  get oldest(): Waiter | undefined {
    return this.#oldest;
  }

  /** A call that can wait. */
  waiter(rank: number, tenant: string): Waiter {
    return {
      rank,
      tenant,
      queuedAt: 0,
      lane: undefined,
      newer: undefined,
      older: undefined,
      laterIn: undefined,
      earlierIn: undefined,
    };
  }

  /** Lets it wait. Answers who has to leave for it: nobody (undefined), another, or itself when there is no room. */
  join(waiter: Waiter, now: number): Waiter | undefined {
    let displaced: Waiter | undefined;
    if (this.#size >= this.#capacity) {
      displaced = this.#victim(waiter);
      if (displaced === waiter) return waiter;
      this.cancel(displaced);
    }
    waiter.queuedAt = now;
    this.#append(waiter, this.#lane(waiter));
    return displaced;
  }

  /** Takes out who is to start now. */
  shift(): Waiter | undefined {
    for (let rank = 0; rank < this.#ranks; rank++) {
      let lane = this.#turn[rank];
      while (lane !== undefined) {
        if (lane.deficit >= 1) {
          lane.deficit--;
          const waiter = lane.first as Waiter;
          this.cancel(waiter);
          return waiter;
        }
        // Its turn ends, and its next one begins with a new quantum.
        lane.deficit += lane.weight;
        lane = lane.next as Lane;
        this.#turn[rank] = lane;
      }
    }
    return undefined;
  }

  /** Takes it out; no effect when it does not wait. */
  cancel(waiter: Waiter): void {
    const lane = waiter.lane;
    if (lane === undefined) return;
    waiter.lane = undefined;
    this.#size--;
    if (waiter.earlierIn === undefined) lane.first = waiter.laterIn;
    else waiter.earlierIn.laterIn = waiter.laterIn;
    if (waiter.laterIn === undefined) lane.last = waiter.earlierIn;
    else waiter.laterIn.earlierIn = waiter.earlierIn;
    if (waiter.older === undefined) this.#oldest = waiter.newer;
    else waiter.older.newer = waiter.newer;
    if (waiter.newer === undefined) this.#newest = waiter.older;
    else waiter.newer.older = waiter.older;
    waiter.newer = undefined;
    waiter.older = undefined;
    waiter.laterIn = undefined;
    waiter.earlierIn = undefined;
    if (--lane.size === 0) this.#drop(lane);
  }

  /** Who waits beyond a smaller capacity stays. */
  reload(capacity: number, weights: ReadonlyMap<string, number>): void {
    this.#capacity = capacity;
    this.#weights = weights;
    for (const lanes of this.#lanes) for (const lane of lanes.values()) lane.weight = this.#weightOf(lane.tenant);
  }

  #weightOf(tenant: string): number {
    return this.#weights.get(tenant) ?? 1;
  }

  #lane({ rank, tenant }: Waiter): Lane {
    const lanes = this.#lanes[rank] as Map<string, Lane>;
    const held = lanes.get(tenant);
    if (held !== undefined) return held;
    const weight = this.#weightOf(tenant);
    const lane: Lane = {
      tenant,
      rank,
      weight,
      deficit: weight,
      size: 0,
      first: undefined,
      last: undefined,
      next: undefined,
      previous: undefined,
    };
    lanes.set(tenant, lane);
    const turn = this.#turn[rank];
    if (turn === undefined) {
      lane.next = lane;
      lane.previous = lane;
      this.#turn[rank] = lane;
    } else {
      // At the end of the round.
      lane.next = turn;
      lane.previous = turn.previous as Lane;
      lane.previous.next = lane;
      turn.previous = lane;
    }
    return lane;
  }

  #append(waiter: Waiter, lane: Lane): void {
    waiter.lane = lane;
    waiter.earlierIn = lane.last;
    if (lane.last === undefined) lane.first = waiter;
    else lane.last.laterIn = waiter;
    lane.last = waiter;
    lane.size++;
    waiter.older = this.#newest;
    if (this.#newest === undefined) this.#oldest = waiter;
    else this.#newest.newer = waiter;
    this.#newest = waiter;
    this.#size++;
  }

  #drop(lane: Lane): void {
    (this.#lanes[lane.rank] as Map<string, Lane>).delete(lane.tenant);
    if (lane.next === lane) {
      this.#turn[lane.rank] = undefined;
      return;
    }
    (lane.previous as Lane).next = lane.next;
    (lane.next as Lane).previous = lane.previous;
    if (this.#turn[lane.rank] === lane) this.#turn[lane.rank] = lane.next;
  }

  #victim(newcomer: Waiter): Waiter {
    for (let rank = this.#ranks - 1; rank >= newcomer.rank; rank--) {
      let longest: Lane | undefined;
      for (const lane of (this.#lanes[rank] as Map<string, Lane>).values()) {
        if (longest === undefined || lane.size / lane.weight > longest.size / longest.weight) longest = lane;
      }
      if (longest === undefined) continue;
      if (rank > newcomer.rank) return longest.last as Waiter;
      const own = (this.#lanes[rank] as Map<string, Lane>).get(newcomer.tenant);
      const size = ((own?.size ?? 0) + 1) / (own?.weight ?? this.#weightOf(newcomer.tenant));
      return longest !== own && longest.size / longest.weight > size ? (longest.last as Waiter) : newcomer;
    }
    return newcomer;
  }
}
