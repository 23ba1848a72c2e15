import { prefixLength } from "../wire/message-reader.js";

/**
 * Where compiled encoders write: one buffer for the process, because encoding never waits. Messages follow each other in
 * it when they are kept, and overwrite each other when they are not.
 */
const slabSize = 32_768;

/** Octets of a `bytes` field that are sent from where they are; below, copying costs less (bench `stream`). */
const referred = 16_384;

interface Utf8Buffer extends Buffer {
  /** Buffer's own, without the checks of `write`. */
  utf8Write(text: string, at: number, length?: number): number;
}

/** Octets that belong into a message and are not in the buffer: they come in front of what is at `at`. */
interface Insert {
  at: number;
  readonly octets: Uint8Array;
}

/** What was encoded last. Valid until the next message of any type is encoded, unless it is kept. */
export interface Encoded {
  /** Octets, without a prefix. */
  readonly size: number;
  /** A copy in one piece, without a prefix. */
  copy(): Uint8Array;
}

export class WireWriter implements Encoded {
  bytes: Utf8Buffer = Buffer.allocUnsafeSlow(slabSize) as Utf8Buffer;
  at: number = prefixLength;
  /** Where the prefix of the message begins. */
  private from = 0;
  private inserts: Insert[] = [];
  private inserted = 0;

  /** Begins a message, with room for its prefix in front. */
  start(): void {
    // What one huge message needed is not kept for the small ones, and the last quarter is left to a new slab.
    if (this.bytes.length > slabSize || this.from > slabSize * 0.75) {
      this.bytes = Buffer.allocUnsafeSlow(slabSize) as Utf8Buffer;
      this.from = 0;
    }
    this.at = this.from + prefixLength;
    if (this.inserted > 0) {
      this.inserts = [];
      this.inserted = 0;
    }
  }

  get size(): number {
    return this.at - this.from - prefixLength + this.inserted;
  }

  copy(): Uint8Array {
    const whole = new Uint8Array(this.size);
    let from = this.from + prefixLength;
    let to = 0;
    for (const { at, octets } of this.inserts) {
      whole.set(this.bytes.subarray(from, at), to);
      to += at - from;
      whole.set(octets, to);
      to += octets.length;
      from = at;
    }
    whole.set(this.bytes.subarray(from, this.at), to);
    return whole;
  }

  /** Prefix and message, in pieces, which are to be sent in order; nearly always one. */
  pieces(): number {
    return this.inserts.length * 2 + 1;
  }

  /** Even pieces are in the buffer (and may be empty), odd ones are inserted. */
  piece(index: number): Uint8Array {
    const insert = this.inserts[index >> 1];
    if ((index & 1) === 1) return (insert as Insert).octets;
    const from = index === 0 ? this.from : (this.inserts[(index >> 1) - 1] as Insert).at;
    return this.bytes.subarray(from, insert === undefined ? this.at : insert.at);
  }

  /** Writes the prefix of a message that is not compressed: its flag and length. */
  closePrefix(): void {
    const { bytes, from, size } = this;
    bytes[from] = 0;
    bytes[from + 1] = size >>> 24;
    bytes[from + 2] = size >>> 16;
    bytes[from + 3] = size >>> 8;
    bytes[from + 4] = size;
  }

  /** Somebody keeps the pieces: their octets stay as they are. */
  keep(): void {
    this.from = this.at;
  }

  /** Hot: makes room for `n` octets; nearly always one comparison. */
  reserve(n: number): void {
    if (this.bytes.length - this.at < n) this.grow(n);
  }

  private grow(n: number): void {
    const { from, at } = this;
    const written = at - from;
    const size = Math.max(slabSize, written + n <= slabSize ? 0 : Math.max(written * 2, written + n));
    const bigger = Buffer.allocUnsafeSlow(size) as Utf8Buffer;
    bigger.set(this.bytes.subarray(from, at));
    this.bytes = bigger;
    this.at = written;
    this.from = 0;
    for (const insert of this.inserts) insert.at -= from;
  }

  /** An unsigned 32-bit varint; the caller has reserved 5 octets. */
  varint(value: number): void {
    const { bytes } = this;
    let rest = value;
    while (rest > 0x7f) {
      bytes[this.at++] = (rest & 0x7f) | 0x80;
      rest >>>= 7;
    }
    bytes[this.at++] = rest;
  }

  /** A 64-bit varint from its halves; the caller has reserved 10 octets. */
  varint64(low: number, high: number): void {
    const { bytes } = this;
    let lo = low >>> 0;
    let hi = high >>> 0;
    while (hi !== 0 || lo > 0x7f) {
      bytes[this.at++] = (lo & 0x7f) | 0x80;
      lo = ((lo >>> 7) | (hi << 25)) >>> 0;
      hi >>>= 7;
    }
    bytes[this.at++] = lo;
  }

  /** Length and UTF-8. Hot: short ASCII, which is most text in messages, is copied by a loop without leaving JavaScript. */
  string(text: string): void {
    const { length } = text;
    this.reserve(5 + length * 3);
    const { bytes } = this;
    if (length < 48) {
      const start = this.at + 1;
      let i = 0;
      for (; i < length; i++) {
        const code = text.charCodeAt(i);
        if (code > 0x7f) break;
        bytes[start + i] = code;
      }
      if (i === length) {
        bytes[this.at] = length;
        this.at = start + length;
        return;
      }
    }
    const octets = Buffer.byteLength(text);
    this.varint(octets);
    this.at += bytes.utf8Write(text, this.at, octets);
  }

  /** Length and octets. Many are not copied: sending has passed the message on, and with it what it refers to. */
  octets(value: Uint8Array): void {
    const { length } = value;
    this.reserve(5);
    this.varint(length);
    this.raw(value);
  }

  /** Octets as they are. */
  raw(value: Uint8Array): void {
    const { length } = value;
    if (length >= referred) {
      this.inserts.push({ at: this.at, octets: value });
      this.inserted += length;
      return;
    }
    this.reserve(length);
    this.bytes.set(value, this.at);
    this.at += length;
  }

  /** For `closeLength`: where something begins whose length goes in front of it, in one octet that is left free. */
  openLength(): Opened {
    return ++this.at - this.from;
  }

  /** Writes the length of what was written since, in front of it. */
  closeLength(opened: Opened): void {
    const from = this.from + opened;
    const length = this.inserted === 0 ? this.at - from : this.at - from + this.insertedSince(from);
    if (length <= 0x7f) {
      this.bytes[from - 1] = length;
      return;
    }
    const more = length < 0x4000 ? 1 : length < 0x20_0000 ? 2 : length < 0x1000_0000 ? 3 : 4;
    this.reserve(more);
    const begin = this.from + opened;
    const end = this.at;
    this.bytes.copyWithin(begin + more, begin, end);
    this.at = begin - 1;
    this.varint(length);
    this.at = end + more;
    for (const insert of this.inserts) if (insert.at >= begin) insert.at += more;
  }

  private insertedSince(from: number): number {
    let sum = 0;
    for (const { at, octets } of this.inserts) if (at >= from) sum += octets.length;
    return sum;
  }
}

/** An offset from the message's beginning, which stays right when the buffer grows. */
export type Opened = number;

/** One for the process. */
export const writer: WireWriter = new WireWriter();
