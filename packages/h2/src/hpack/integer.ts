/**
 * Integers with an N-bit prefix (RFC 7541 section 5.1).
 *
 * The reader keeps its position outside, in a cursor that the decoder owns, so that nothing is allocated.
 */
export interface Cursor {
  at: number;
}

/**
 * Largest integer taken from the wire. Nothing in HTTP/2 needs more than 2^28, and RFC 7541 section 5.1 tells
 * implementations to set a limit: longer encodings, including zero-padded ones, are refused.
 */
export const MAX_INTEGER = 0x0fff_ffff;

/**
 * Reads the integer whose first octet is at `cursor.at`; `mask` selects the prefix bits. Returns -1 when the input
 * ends early or the value exceeds MAX_INTEGER.
 */
export function readInteger(input: Uint8Array, cursor: Cursor, end: number, mask: number): number {
  let at = cursor.at;
  let value = (input[at++] as number) & mask;
  if (value === mask) {
    let shift = 0;
    for (;;) {
      if (at >= end || shift > 21) return -1;
      const octet = input[at++] as number;
      value += (octet & 0x7f) << shift;
      if (octet < 0x80) break;
      shift += 7;
    }
    if (value > MAX_INTEGER) return -1;
  }
  cursor.at = at;
  return value;
}

/** Writes `value` with prefix mask `mask` and the pattern bits `pattern`; returns the position after it. */
export function writeInteger(out: Uint8Array, at: number, value: number, mask: number, pattern: number): number {
  let position = at;
  if (value < mask) {
    out[position++] = pattern | value;
    return position;
  }
  out[position++] = pattern | mask;
  let rest = value - mask;
  while (rest >= 0x80) {
    out[position++] = (rest & 0x7f) | 0x80;
    rest = Math.floor(rest / 128);
  }
  out[position++] = rest;
  return position;
}

/** Octets that no integer written by `writeInteger` exceeds for values up to 2^32. */
export const INTEGER_ROOM = 6;
