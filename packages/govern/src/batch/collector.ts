/** Items that are sent together. */
export interface Batch<T> {
  readonly key: string;
  readonly items: T[];
  bytes: number;
}

export interface BatchBounds {
  readonly maxItems: number;
  readonly maxBytes: number;
}

/**
 * Gathers items by key until there are enough of them. It knows no time: whoever owns it sets a timer for a batch that
 * `add` opens, and takes it out with `take` when that fires.
 */
export class Collector<T> {
  readonly #open = new Map<string, Batch<T>>();
  readonly #send: (batch: Batch<T>) => void;
  readonly #opened: (batch: Batch<T>) => void;

  /** `send` gets each batch that is full, once; `opened` each new one. */
  constructor(send: (batch: Batch<T>) => void, opened: (batch: Batch<T>) => void) {
    this.#send = send;
    this.#opened = opened;
  }

  get size(): number {
    return this.#open.size;
  }

  /** Adds to the open batch of the key; one that the item does not fit in is sent first. */
  add(key: string, item: T, bytes: number, bounds: BatchBounds): void {
    let batch = this.#open.get(key);
    if (batch !== undefined && batch.bytes + bytes > bounds.maxBytes) {
      this.#close(batch);
      batch = undefined;
    }
    if (batch === undefined) {
      batch = { key, items: [], bytes: 0 };
      this.#open.set(key, batch);
      this.#opened(batch);
    }
    batch.items.push(item);
    batch.bytes += bytes;
    if (batch.items.length >= bounds.maxItems || batch.bytes >= bounds.maxBytes) this.#close(batch);
  }

  /** Sends a batch that is still open. */
  flush(batch: Batch<T>): void {
    if (this.#open.get(batch.key) === batch) this.#close(batch);
  }

  flushAll(): void {
    for (const batch of [...this.#open.values()]) this.#close(batch);
  }

  #close(batch: Batch<T>): void {
    this.#open.delete(batch.key);
    this.#send(batch);
  }
}
