import { writeLatin1 } from "../wire/latin1.js";
import { FIELD_OVERHEAD } from "./field.js";
import { huffmanEncode, huffmanLength } from "./huffman-encode.js";
import { INTEGER_ROOM, writeInteger } from "./integer.js";
import { FIRST_DYNAMIC, staticFieldIndex, staticNameIndex } from "./static-table.js";

/**
 * Encoder of header blocks (RFC 7541). One per connection; blocks must reach the peer in the order of the calls.
 *
 * Policy: an entry is inserted only while it fits without evicting another, so after the first calls the table stands
 * still, `epoch` stops changing and a block of constant headers is the same few octets for ever (see
 * `HeaderTemplate`). Values that differ on every call are written as literals and never enter the table. Values of
 * credentials are written as never-indexed literals (section 7.1.3).
 */
export class HpackEncoder {
  /** Changes whenever an index may mean something else than before. */
  epoch = 0;
  private maxSize = 4096;
  private size = 0;
  private inserted = 0;
  private readonly fields = new Map<string, number>();
  private readonly names = new Map<string, number>();
  private updateDue = false;
  private readonly preferred: number;

  /** `preferred` bounds the table whatever the peer allows: default 4096 octets (RFC 9113 section 6.5.2). */
  constructor(preferred = 4096) {
    this.preferred = preferred;
    if (preferred < 4096) this.allow(4096);
  }

  /** The peer's SETTINGS_HEADER_TABLE_SIZE has changed. Emptying the table keeps both sides equal in every case. */
  allow(tableSize: number): void {
    this.maxSize = Math.min(tableSize, this.preferred);
    this.size = 0;
    this.fields.clear();
    this.names.clear();
    this.updateDue = true;
    this.epoch++;
  }

  /** A size update is due, so the next block must be written by `encode` and not copied from a cache. */
  get mustUpdate(): boolean {
    return this.updateDue;
  }

  /** Octets that are always enough for these fields. */
  static room(fields: readonly string[]): number {
    let room = 2 * INTEGER_ROOM;
    for (let i = 0; i < fields.length; i++) room += (fields[i] as string).length + 2 * INTEGER_ROOM;
    return room;
  }

  /** Writes `fields` (name, value, …); those worth it enter the table. Returns the position after the block. */
  encode(fields: readonly string[], out: Buffer, start: number): number {
    let at = this.encodeSizeUpdate(out, start);
    for (let i = 0; i < fields.length; i += 2) {
      at = this.encodeField(fields[i] as string, fields[i + 1] as string, out, at);
    }
    return at;
  }

  /**
   * Writes fields whose values will not come again, as literals without Huffman: both sides spend less on them.
   * Hot: per-call headers.
   */
  encodeUnique(fields: readonly string[], out: Buffer, start: number): number {
    let at = start;
    for (let i = 0; i < fields.length; i += 2) {
      const name = fields[i] as string;
      const value = fields[i + 1] as string;
      const pattern = isCredential(name) ? 0x10 : 0;
      at = this.encodeLiteral(name, value, 0x0f, pattern, out, at);
    }
    return at;
  }

  private encodeSizeUpdate(out: Buffer, start: number): number {
    if (!this.updateDue) return start;
    this.updateDue = false;
    // Zero first: it evicts everything, also when the size went down and up again between two blocks (section 4.2).
    const at = writeInteger(out, start, 0, 0x1f, 0x20);
    return writeInteger(out, at, this.maxSize, 0x1f, 0x20);
  }

  private encodeField(name: string, value: string, out: Buffer, at: number): number {
    const fixed = staticFieldIndex(name, value);
    if (fixed !== 0) return writeInteger(out, at, fixed, 0x7f, 0x80);
    if (isCredential(name)) return this.encodeLiteral(name, value, 0x0f, 0x10, out, at);
    const key = `${name}\0${value}`;
    const sequence = this.fields.get(key);
    if (sequence !== undefined) {
      return writeInteger(out, at, FIRST_DYNAMIC + this.inserted - 1 - sequence, 0x7f, 0x80);
    }
    const size = name.length + value.length + FIELD_OVERHEAD;
    if (this.size + size > this.maxSize) return this.encodeLiteral(name, value, 0x0f, 0, out, at);
    const next = this.encodeLiteral(name, value, 0x3f, 0x40, out, at);
    this.fields.set(key, this.inserted);
    this.names.set(name, this.inserted);
    this.inserted++;
    this.size += size;
    this.epoch++;
    return next;
  }

  private encodeLiteral(
    name: string,
    value: string,
    mask: number,
    pattern: number,
    out: Buffer,
    start: number,
  ): number {
    let index = staticNameIndex(name);
    if (index === 0) {
      const sequence = this.names.get(name);
      if (sequence !== undefined) index = FIRST_DYNAMIC + this.inserted - 1 - sequence;
    }
    let at = writeInteger(out, start, index, mask, pattern);
    if (index === 0) at = writeString(name, pattern === 0x40, out, at);
    return writeString(value, pattern === 0x40, out, at);
  }
}

/** Fields that must not be probed for through a shared compression table (RFC 7541 section 7.1). */
function isCredential(name: string): boolean {
  return name === "authorization" || name === "cookie" || name === "set-cookie" || name === "proxy-authorization";
}

/** Writes a string literal, Huffman coded when that is wanted and shorter. */
function writeString(text: string, huffman: boolean, out: Buffer, start: number): number {
  if (huffman) {
    const length = huffmanLength(text);
    if (length < text.length) return huffmanEncode(text, out, writeInteger(out, start, length, 0x7f, 0x80));
  }
  const at = writeInteger(out, start, text.length, 0x7f, 0);
  return writeLatin1(out, text, at);
}
