interface Kept {
  readonly bytes: Uint8Array;
  readonly size: number;
  readonly at: number;
}

/** What an entry costs beside its key and bytes, about. */
const entryBytes = 128;

/** Encoded answers by key, bounded in number and bytes; the longest unused makes room. Times are monotonic ms. */
export class LastGood {
  // In the order of their use, oldest first.
  readonly #kept = new Map<string, Kept>();
  #maxEntries: number;
  #maxBytes: number;
  #bytes = 0;

  constructor(maxEntries: number, maxBytes: number) {
    this.#maxEntries = maxEntries;
    this.#maxBytes = maxBytes;
  }

  get entries(): number {
    return this.#kept.size;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** How old the answer of a key is; infinite when there is none. */
  age(key: string, now: number): number {
    const kept = this.#kept.get(key);
    return kept === undefined ? Number.POSITIVE_INFINITY : now - kept.at;
  }

  put(key: string, bytes: Uint8Array, now: number): void {
    this.#delete(key);
    const size = bytes.length + key.length * 2 + entryBytes;
    if (size > this.#maxBytes) return;
    this.#kept.set(key, { bytes, size, at: now });
    this.#bytes += size;
    this.#shrink();
  }

  /** The answer of a key, which counts as its use. */
  get(key: string): Uint8Array | undefined {
    const kept = this.#kept.get(key);
    if (kept === undefined) return undefined;
    this.#kept.delete(key);
    this.#kept.set(key, kept);
    return kept.bytes;
  }

  reload(maxEntries: number, maxBytes: number): void {
    this.#maxEntries = maxEntries;
    this.#maxBytes = maxBytes;
    this.#shrink();
  }

  clear(): void {
    this.#kept.clear();
    this.#bytes = 0;
  }

  #shrink(): void {
    for (const key of this.#kept.keys()) {
      if (this.#kept.size <= this.#maxEntries && this.#bytes <= this.#maxBytes) return;
      this.#delete(key);
    }
  }

  #delete(key: string): void {
    const kept = this.#kept.get(key);
    if (kept === undefined) return;
    this.#kept.delete(key);
    this.#bytes -= kept.size;
  }
}
