/**
 * Distinguished encoding rules (X.690): the values that certificates, keys, revocation lists and PKCS#12 are made of.
 * Every function gives one whole element.
 */
export const Tag = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  null: 0x05,
  oid: 0x06,
  utf8String: 0x0c,
  sequence: 0x30,
  set: 0x31,
  printableString: 0x13,
  utcTime: 0x17,
  generalizedTime: 0x18,
} as const;

export function element(tag: number, ...content: readonly Uint8Array[]): Buffer {
  let length = 0;
  for (const part of content) length += part.length;
  return Buffer.concat([Buffer.of(tag, ...lengthOctets(length)), ...content]);
}

function lengthOctets(length: number): number[] {
  if (length < 0x80) return [length];
  const octets: number[] = [];
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) octets.unshift(rest % 256);
  return [0x80 | octets.length, ...octets];
}

export const sequence = (...parts: readonly Uint8Array[]): Buffer => element(Tag.sequence, ...parts);

/** SET OF: in the order of the encodings (X.690, 11.6). */
export const setOf = (...parts: readonly Uint8Array[]): Buffer =>
  element(Tag.set, ...[...parts].sort((a, b) => Buffer.compare(a, b)));

export const boolean = (value: boolean): Buffer => element(Tag.boolean, Buffer.of(value ? 0xff : 0));
export const nothing = (): Buffer => element(Tag.null);
export const octetString = (bytes: Uint8Array): Buffer => element(Tag.octetString, bytes);
export const bitString = (bytes: Uint8Array): Buffer => element(Tag.bitString, Buffer.of(0), bytes);
export const utf8String = (text: string): Buffer => element(Tag.utf8String, Buffer.from(text, "utf8"));
export const printableString = (text: string): Buffer => element(Tag.printableString, Buffer.from(text, "latin1"));

/** A number that is not negative, as few octets as there can be. */
export function integer(value: number | bigint | Uint8Array): Buffer {
  const bytes = value instanceof Uint8Array ? value : bytesOf(BigInt(value));
  let start = 0;
  while (start < bytes.length - 1 && bytes[start] === 0) start++;
  const shortest = bytes.subarray(start);
  const isHigh = ((shortest[0] ?? 0) & 0x80) !== 0;
  return element(Tag.integer, isHigh || shortest.length === 0 ? Buffer.of(0) : Buffer.alloc(0), shortest);
}

function bytesOf(value: bigint): Buffer {
  const hex = value.toString(16);
  return Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, "hex");
}

/** Bits by number, the first is 0; trailing zeros are left out (X.690, 11.2.2). */
export function namedBits(bits: readonly number[]): Buffer {
  const highest = Math.max(...bits);
  const bytes = Buffer.alloc(Math.floor(highest / 8) + 1);
  for (const bit of bits) bytes[bit >> 3] = (bytes[bit >> 3] as number) | (0x80 >> (bit & 7));
  return element(Tag.bitString, Buffer.of(7 - (highest & 7)), bytes);
}

export function oid(dotted: string): Buffer {
  const [first = 0n, second = 0n, ...rest] = dotted.split(".").map(BigInt);
  const octets: number[] = [];
  for (const arc of [first * 40n + second, ...rest]) {
    const groups = [Number(arc & 127n)];
    for (let left = arc >> 7n; left > 0n; left >>= 7n) groups.unshift(Number(left & 127n) | 128);
    octets.push(...groups);
  }
  return element(Tag.oid, Buffer.from(octets));
}

/** Seconds; UTCTime until 2049 and GeneralizedTime from 2050 on (RFC 5280, 4.1.2.5). */
export function time(ms: number): Buffer {
  const digits = new Date(ms).toISOString().replace(/[-:T]|\.\d+Z$/g, "");
  const year = Number(digits.slice(0, 4));
  return year < 2050 && year >= 1950
    ? element(Tag.utcTime, Buffer.from(`${digits.slice(2)}Z`, "latin1"))
    : element(Tag.generalizedTime, Buffer.from(`${digits}Z`, "latin1"));
}

/** `[n]` around whole elements. */
export const explicit = (n: number, ...parts: readonly Uint8Array[]): Buffer => element(0xa0 | n, ...parts);
/** `[n]` in place of a primitive's own tag. */
export const implicit = (n: number, content: Uint8Array): Buffer => element(0x80 | n, content);
