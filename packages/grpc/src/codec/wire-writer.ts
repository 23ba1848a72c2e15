/**
 * Where compiled encoders write: one growing buffer for the process, because encoding never waits. What it holds is
 * valid until the next message is encoded, or for ever once `giveAway` was called.
 */
const smallest = 4096;
/** A buffer that one huge message needed is not kept for the small ones. */
const largestKept = 65_536;

interface Utf8Buffer extends Buffer {
  /** Buffer's own, without the checks of `write`. */
  utf8Write(text: string, at: number, length?: number): number;
}

export class WireWriter {
  bytes: Utf8Buffer = Buffer.allocUnsafeSlow(smallest) as Utf8Buffer;
  at = 0;

  start(): void {
    if (this.bytes.length > largestKept) this.bytes = Buffer.allocUnsafeSlow(smallest) as Utf8Buffer;
    this.at = 0;
  }

  /** The octets since `start`. */
  view(): Uint8Array {
    return this.bytes.subarray(0, this.at);
  }

  /** Somebody keeps what `view` gave. */
  giveAway(): void {
    this.bytes = Buffer.allocUnsafeSlow(smallest) as Utf8Buffer;
  }

  /** Hot: makes room for `n` octets; nearly always one comparison. */
  reserve(n: number): void {
    if (this.bytes.length - this.at < n) this.grow(n);
  }

  private grow(n: number): void {
    const bigger = Buffer.allocUnsafeSlow(Math.max(this.bytes.length * 2, this.at + n)) as Utf8Buffer;
    bigger.set(this.bytes.subarray(0, this.at));
    this.bytes = bigger;
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

  /** Length and octets. */
  octets(value: Uint8Array): void {
    this.reserve(5 + value.length);
    this.varint(value.length);
    this.bytes.set(value, this.at);
    this.at += value.length;
  }

  /** Writes the length of what was written since `from`, in front of it; `from` follows one octet left free. */
  closeLength(from: number): void {
    const length = this.at - from;
    if (length <= 0x7f) {
      this.bytes[from - 1] = length;
      return;
    }
    const more = length < 0x4000 ? 1 : length < 0x20_0000 ? 2 : length < 0x1000_0000 ? 3 : 4;
    this.reserve(more);
    this.bytes.copyWithin(from + more, from, this.at);
    this.at = from - 1;
    this.varint(length);
    this.at += length;
  }
}

/** One for the process. */
export const writer: WireWriter = new WireWriter();
