import type { Stream } from "./stream.js";

/** Slots of an empty map; it doubles at half full, so a look-up rarely takes a second step. */
const smallest = 64;

/**
 * The streams of a connection by identifier: open addressing over one array.
 *
 * Hot, and not a `Map`: a Map that is added to and deleted from for ever replaces its table every few hundred calls,
 * and each old table refers to the next. Once one of them is old, V8's young collections keep all that follow alive,
 * with the streams and calls in them: half of all calls were promoted, and collection took 40 % of the time
 * (bench `unary`, `client`). Identifiers of one connection are consecutive, so they fill the array without collisions.
 */
export class StreamMap {
  size = 0;
  private slots: (Stream | undefined)[] = new Array<Stream | undefined>(smallest).fill(undefined);

  get(id: number): Stream | undefined {
    const { slots } = this;
    const mask = slots.length - 1;
    for (let i = (id >> 1) & mask; ; i = (i + 1) & mask) {
      const stream = slots[i];
      if (stream === undefined || stream.id === id) return stream;
    }
  }

  /** The identifier is not in the map. */
  add(stream: Stream): void {
    if (this.size * 2 >= this.slots.length) this.grow();
    this.put(stream);
    this.size++;
  }

  delete(id: number): void {
    const { slots } = this;
    const mask = slots.length - 1;
    let hole = (id >> 1) & mask;
    for (; slots[hole]?.id !== id; hole = (hole + 1) & mask) if (slots[hole] === undefined) return;
    this.size--;
    // Moves up what was pushed on by a collision, so that no look-up ends at the hole.
    for (let i = (hole + 1) & mask; ; i = (i + 1) & mask) {
      const stream = slots[i];
      if (stream === undefined) break;
      const home = (stream.id >> 1) & mask;
      if (((i - home) & mask) < ((i - hole) & mask)) continue;
      slots[hole] = stream;
      hole = i;
    }
    slots[hole] = undefined;
  }

  /** The streams of this moment: events may close others while the list is walked. */
  values(): Stream[] {
    return this.slots.filter((stream) => stream !== undefined);
  }

  private put(stream: Stream): void {
    const { slots } = this;
    const mask = slots.length - 1;
    let i = (stream.id >> 1) & mask;
    while (slots[i] !== undefined) i = (i + 1) & mask;
    slots[i] = stream;
  }

  private grow(): void {
    const streams = this.values();
    this.slots = new Array<Stream | undefined>(this.slots.length * 2).fill(undefined);
    for (const stream of streams) this.put(stream);
  }
}
