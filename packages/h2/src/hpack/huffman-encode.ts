import { codeLengths, codes, EOS } from "./huffman-code.js";

/** Octets that `text` (latin1) takes when Huffman coded, padding included. */
export function huffmanLength(text: string): number {
  let bits = 0;
  for (let i = 0; i < text.length; i++) bits += codeLengths[text.charCodeAt(i) & 0xff] as number;
  return (bits + 7) >> 3;
}

/**
 * Encodes `text` (latin1) into `out` from `at`; returns the position after the last octet. Padding is the most
 * significant bits of EOS, which are all ones (RFC 7541 section 5.2).
 */
export function huffmanEncode(text: string, out: Uint8Array, at: number): number {
  let pending = 0;
  let held = 0;
  let position = at;
  for (let i = 0; i < text.length; i++) {
    const symbol = text.charCodeAt(i) & 0xff;
    let left = codeLengths[symbol] as number;
    const code = codes[symbol] as number;
    // Up to 7 bits are held over and a code has up to 30, so it is fed in pieces that fit 32-bit arithmetic.
    while (left > 0) {
      const room = Math.min(left, 8 - held);
      left -= room;
      pending = (pending << room) | ((code >>> left) & ((1 << room) - 1));
      held += room;
      if (held === 8) {
        out[position++] = pending;
        pending = 0;
        held = 0;
      }
    }
  }
  if (held > 0) {
    const eos = codes[EOS] as number;
    const room = 8 - held;
    out[position++] = (pending << room) | (eos >>> ((codeLengths[EOS] as number) - room));
  }
  return position;
}
