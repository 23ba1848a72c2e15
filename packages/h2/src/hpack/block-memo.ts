import type { HeaderList } from "../headers/header-list.js";

/**
 * From header-block octets to the parsed list, for one connection.
 *
 * Sound only for blocks that do not change the dynamic table, and only while the table is the one they were decoded
 * with: an entry carries the table's epoch and its own copy of the octets, which are compared in full. Bounded: 64
 * direct-mapped slots, blocks up to 512 octets, lists up to 64 fields. A block is stored when it is seen for the
 * second time, so blocks that differ on every call cost one hash and no allocation.
 *
 * Hot: replaces HPACK decoding and validation of constant headers (guarded by the `unary` benchmark).
 */
export const MEMO_SLOTS = 64;
export const MEMO_MAX_BLOCK = 512;
const MEMO_MAX_FIELDS = 64;

interface Entry {
  hash: number;
  epoch: number;
  bytes: Uint8Array;
  list: HeaderList;
}

export class BlockMemo {
  private readonly entries: (Entry | undefined)[] = new Array<Entry | undefined>(MEMO_SLOTS).fill(undefined);
  private readonly seen = new Int32Array(MEMO_SLOTS);
  private lastHash = 0;

  /** Looks the block up; remembers its hash for a `store` that follows. */
  find(input: Uint8Array, start: number, end: number, epoch: number): HeaderList | undefined {
    let hash = (end - start) | 0;
    for (let i = start; i < end; i++) hash = (Math.imul(hash, 31) + (input[i] as number)) | 0;
    hash ^= hash >>> 15;
    this.lastHash = hash;
    const entry = this.entries[hash & (MEMO_SLOTS - 1)];
    if (entry === undefined || entry.hash !== hash || entry.epoch !== epoch) return undefined;
    const { bytes } = entry;
    if (bytes.length !== end - start) return undefined;
    for (let i = 0; i < bytes.length; i++) if (bytes[i] !== input[start + i]) return undefined;
    return entry.list;
  }

  /** Stores the block of the preceding `find`, whose decoding left the table at `epoch` as it found it. */
  store(input: Uint8Array, start: number, end: number, epoch: number, list: HeaderList): void {
    const slot = this.lastHash & (MEMO_SLOTS - 1);
    if (this.seen[slot] !== this.lastHash) {
      this.seen[slot] = this.lastHash;
      return;
    }
    if (list.fields.length > MEMO_MAX_FIELDS * 2 || end - start > MEMO_MAX_BLOCK) return;
    const bytes = new Uint8Array(input.subarray(start, end));
    this.entries[slot] = { hash: this.lastHash, epoch, bytes, list };
  }
}
