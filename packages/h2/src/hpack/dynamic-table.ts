import type { Field } from "./field.js";

/**
 * The decoder's dynamic table (RFC 7541 section 2.3.2): newest first, bounded by octets.
 *
 * A ring of entries: inserting and evicting move counters and never the entries. `epoch` changes with every insertion
 * and every eviction, which is what makes a memo of decoded blocks sound.
 */
export class DynamicTable {
  maxSize: number;
  size = 0;
  length = 0;
  /** Changes whenever any index may mean something else than before. */
  epoch = 0;
  private ring: (Field | undefined)[] = [];
  private inserted = 0;

  constructor(maxSize: number) {
    this.maxSize = maxSize;
  }

  /** Entry `index` counted from 0 (newest), or undefined when there is none. */
  at(index: number): Field | undefined {
    if (index >= this.length) return undefined;
    return this.ring[(this.inserted - 1 - index) & (this.ring.length - 1)];
  }

  /** An entry larger than the table empties it and is not stored, which is not an error (section 4.4). */
  insert(field: Field): void {
    this.epoch++;
    this.evictTo(this.maxSize - field.size);
    if (field.size > this.maxSize) return;
    if (this.length === this.ring.length) this.grow();
    this.ring[this.inserted & (this.ring.length - 1)] = field;
    this.inserted++;
    this.length++;
    this.size += field.size;
  }

  resize(maxSize: number): void {
    this.epoch++;
    this.maxSize = maxSize;
    this.evictTo(maxSize);
  }

  private evictTo(limit: number): void {
    while (this.length > 0 && this.size > limit) {
      const slot = (this.inserted - this.length) & (this.ring.length - 1);
      this.size -= (this.ring[slot] as Field).size;
      this.ring[slot] = undefined;
      this.length--;
    }
  }

  /** Grows on demand, so that a connection that never sends headers holds no table; at most maxSize / 32 entries. */
  private grow(): void {
    const bigger: (Field | undefined)[] = new Array<Field | undefined>(Math.max(8, this.ring.length * 2)).fill(
      undefined,
    );
    for (let i = 0; i < this.length; i++) {
      const sequence = this.inserted - this.length + i;
      bigger[sequence & (bigger.length - 1)] = this.ring[sequence & (this.ring.length - 1)];
    }
    this.ring = bigger;
  }
}
