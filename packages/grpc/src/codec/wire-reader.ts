/**
 * What compiled decoders read from: a cursor over octets that belong to somebody else. Reading past the end, or what
 * is not regular, sets `bad`, and the message is then read again by the general decoder, which has the last word.
 */
interface LatinBuffer extends Buffer {
  /** Buffer's own, without the checks of `toString`. */
  latin1Slice(start: number, end: number): string;
}

/** A slab is kept alive by the last field in it, so it is no larger than Node's own (`Buffer.poolSize`). */
const slabSize = 8192;
const fewOctets = 2048;
let slab: ArrayBuffer = new ArrayBuffer(slabSize);
let slabAt = 0;

/** Hot: memory of its own costs a short array more than its octets (bench `stream`). */
function sharedCopy(input: Buffer, start: number, end: number): Uint8Array {
  const length = end - start;
  if (slabAt + length > slabSize) {
    slab = new ArrayBuffer(slabSize);
    slabAt = 0;
  }
  const copy = new Uint8Array(slab, slabAt, length);
  slabAt += length;
  if (length <= 48) for (let i = 0; i < length; i++) copy[i] = input[start + i] as number;
  else copy.set(input.subarray(start, end));
  return copy;
}

const utf8 = new TextDecoder("utf-8", { fatal: true });

export class WireReader {
  input: LatinBuffer = Buffer.alloc(0) as LatinBuffer;
  at = 0;
  end = 0;
  bad = false;
  /** The half of the last 64-bit varint that `varint64` does not return. */
  high = 0;
  depth = 0;
  private owned = false;

  /** `owned`: `input` is nobody else's, so that what is read may stay in it. */
  start(input: Buffer, start: number, end: number, owned: boolean): void {
    this.input = input as LatinBuffer;
    this.owned = owned;
    this.at = start;
    this.end = end;
    this.bad = false;
    this.depth = 0;
  }

  /** An unsigned 32-bit varint of at most five octets; longer ones are left to the general decoder. */
  varint(): number {
    const { input } = this;
    let octet = input[this.at++] as number;
    if (octet < 0x80) return octet;
    let value = octet & 0x7f;
    for (let shift = 7; shift < 28; shift += 7) {
      octet = input[this.at++] as number;
      value |= (octet & 0x7f) << shift;
      if (octet < 0x80) return value;
    }
    octet = input[this.at++] as number;
    if (octet > 0x0f) this.bad = true;
    return (value | (octet << 28)) >>> 0;
  }

  /** A 64-bit varint: returns the low half, signed, and leaves the other in `high`. */
  varint64(): number {
    const { input } = this;
    let low = 0;
    let high = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      const octet = input[this.at++] as number;
      const bits = octet & 0x7f;
      if (shift < 28) low |= bits << shift;
      else if (shift === 28) {
        low |= bits << 28;
        high = bits >> 4;
      } else high |= bits << (shift - 32);
      if (octet < 0x80) {
        this.high = high;
        return low;
      }
    }
    this.bad = true;
    return 0;
  }

  /** The end of something whose length comes next. */
  lengthEnd(): number {
    const length = this.varint();
    const end = this.at + length;
    if (end > this.end) this.bad = true;
    return end;
  }

  string(): string {
    const end = this.lengthEnd();
    if (this.bad) return "";
    const { input, at } = this;
    this.at = end;
    for (let i = at; i < end; i++) {
      if ((input[i] as number) > 0x7f) return this.unicode(at, end);
    }
    return at === end ? "" : input.latin1Slice(at, end);
  }

  /**
   * A copy, so that a message does not keep a whole network buffer alive. Short ones share a slab with others, as those
   * of `Buffer.from` do; those that are most of a buffer of the message's own stay in it.
   */
  octets(): Uint8Array {
    const end = this.lengthEnd();
    if (this.bad) return new Uint8Array(0);
    const { input, at } = this;
    const length = end - at;
    this.at = end;
    if (length <= fewOctets) return sharedCopy(input, at, end);
    if (this.owned && length * 2 >= input.length) return new Uint8Array(input.buffer, input.byteOffset + at, length);
    const copy = new Uint8Array(length);
    copy.set(input.subarray(at, end));
    return copy;
  }

  private unicode(start: number, end: number): string {
    try {
      return utf8.decode(this.input.subarray(start, end));
    } catch {
      this.bad = true;
      return "";
    }
  }
}

/** One for the process: decoding never waits. */
export const reader: WireReader = new WireReader();
