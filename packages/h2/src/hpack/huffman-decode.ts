import { codeLengths, codes, EOS } from "./huffman-code.js";

/**
 * Huffman decoding of string literals (RFC 7541 section 5.2), four bits a step.
 *
 * Hot: per-call-unique headers (grpc-timeout, traceparent) come through here on every request. The machine has 256
 * states and 16 inputs, so its table (16 KB) stays in the first-level cache, where a byte-wide table (256 KB) does
 * not. Four bits complete at most one symbol, because the shortest code has five.
 */
const NEXT = 0xff;
const EMIT = 0x10000;
const FAIL = 0x20000;

const { steps, accepting } = buildMachine();

/**
 * Decodes `input[start, end)` into `out` from 0. Returns the number of octets written, or -1 when the encoding is
 * wrong: EOS inside the string, padding longer than 7 bits or padding that is not a prefix of EOS. `out` must hold
 * `maxDecodedLength(end - start)` octets.
 */
export function huffmanDecode(input: Uint8Array, start: number, end: number, out: Uint8Array): number {
  let state = 0;
  let length = 0;
  for (let at = start; at < end; at++) {
    const octet = input[at] as number;
    let step = steps[(state << 4) | (octet >> 4)] as number;
    if (step >= EMIT) {
      if (step >= FAIL) return -1;
      out[length++] = (step >> 8) & 0xff;
    }
    state = step & NEXT;
    step = steps[(state << 4) | (octet & 15)] as number;
    if (step >= EMIT) {
      if (step >= FAIL) return -1;
      out[length++] = (step >> 8) & 0xff;
    }
    state = step & NEXT;
  }
  return accepting[state] === 1 ? length : -1;
}

/** The shortest code has 5 bits, so this many octets are always enough. */
export function maxDecodedLength(encoded: number): number {
  return Math.floor((encoded * 8) / 5) + 1;
}

function buildMachine(): { steps: Uint32Array; accepting: Uint8Array } {
  // Children of inner nodes; a leaf is -(symbol + 1). A complete code with 257 leaves has 256 inner nodes.
  const left: number[] = [0];
  const right: number[] = [0];
  for (let symbol = 0; symbol <= EOS; symbol++) {
    const length = codeLengths[symbol] as number;
    const code = codes[symbol] as number;
    let node = 0;
    for (let bit = length - 1; bit >= 0; bit--) {
      const side = (code >>> bit) & 1 ? right : left;
      if (bit === 0) {
        side[node] = -(symbol + 1);
      } else if (side[node] === 0) {
        left.push(0);
        right.push(0);
        side[node] = left.length - 1;
        node = left.length - 1;
      } else {
        node = side[node] as number;
      }
    }
  }
  const table = new Uint32Array(256 * 16);
  for (let state = 0; state < 256; state++) {
    for (let input = 0; input < 16; input++) {
      let node = state;
      let effect = 0;
      for (let bit = 3; bit >= 0; bit--) {
        const child = ((input >> bit) & 1 ? right : left)[node] as number;
        if (child >= 0) {
          node = child;
        } else {
          const symbol = -child - 1;
          effect = symbol === EOS ? FAIL : EMIT | (symbol << 8);
          node = 0;
        }
        if (effect === FAIL) break;
      }
      table[(state << 4) | input] = effect === FAIL ? FAIL : effect | node;
    }
  }
  const accept = new Uint8Array(256);
  for (let node = 0, depth = 0; depth <= 7; depth++) {
    accept[node] = 1;
    node = right[node] as number;
  }
  return { steps: table, accepting: accept };
}
