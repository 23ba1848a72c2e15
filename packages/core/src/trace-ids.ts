import { randomFillSync } from "node:crypto";

/**
 * Ids of traces and spans, as one number until somebody reads them: the number is the n-th draw of this process, and the
 * ids are that number enciphered under a key which the process draws when it starts. So whoever holds the number reads
 * the same ids, no two draws give the same span id, and those of different processes meet no sooner than random ones do.
 *
 * Hot: a call that nobody asks for its ids draws no octets and makes no text (bench `layers`).
 */
export function drawIds(): number {
  return ++drawn;
}

/** 16 lower-case hex digits. */
export function spanIdOf(ids: number): string {
  return blockOf(ids, spanBlock);
}

/** 32 lower-case hex digits: of the trace that begins with this span. */
export function traceIdOf(ids: number): string {
  return blockOf(ids, firstTraceBlock) + blockOf(ids, secondTraceBlock);
}

let drawn = 0;
// Draws stay below 2^53, so the upper bits of a block say what it is for.
const spanBlock = 0;
const firstTraceBlock = 0x40000000;
const secondTraceBlock = 0x80000000 | 0;

/**
 * Speck64/128 (Beaulieu and others, "The Simon and Speck Families of Lightweight Block Ciphers", 2013): a permutation
 * of 64 bits in a few instructions on 32-bit words. Ids are no secrets; what counts is that it scatters.
 */
const rounds = 27;
const schedule: Int32Array = expandKey(randomFillSync(new Int32Array(4)));
const block = new Int32Array(2);

function blockOf(ids: number, purpose: number): string {
  block[0] = Math.floor(ids / 2 ** 32) | purpose;
  block[1] = ids | 0;
  encipher(schedule, block);
  return hexOf(block[0] as number) + hexOf(block[1] as number);
}

/** The round keys of a key, whose words are given from the last to the first, as the paper numbers them. */
export function expandKey(key: Int32Array): Int32Array {
  const [first = 0, ...rest] = key;
  const keys = new Int32Array(rounds);
  keys[0] = first;
  for (let i = 0; i < rounds - 1; i++) {
    const last = keys[i] as number;
    const mixed = ((last + rotateRight(rest[i] as number, 8)) | 0) ^ i;
    rest.push(mixed);
    keys[i + 1] = rotateLeft(last, 3) ^ mixed;
  }
  return keys;
}

/** Enciphers one block in place. */
export function encipher(keys: Int32Array, block: Int32Array): void {
  let x = block[0] as number;
  let y = block[1] as number;
  for (let i = 0; i < rounds; i++) {
    x = ((rotateRight(x, 8) + y) | 0) ^ (keys[i] as number);
    y = rotateLeft(y, 3) ^ x;
  }
  block[0] = x;
  block[1] = y;
}

function rotateRight(word: number, by: number): number {
  return (word >>> by) | (word << (32 - by));
}

function rotateLeft(word: number, by: number): number {
  return (word << by) | (word >>> (32 - by));
}

const digits: readonly number[] = Array.from("0123456789abcdef", (digit) => digit.charCodeAt(0));

/** Eight digits. Hot: on each call that is sent; a Buffer's `toString("hex")` takes more than twice as long. */
function hexOf(word: number): string {
  return String.fromCharCode(
    digits[word >>> 28] as number,
    digits[(word >>> 24) & 15] as number,
    digits[(word >>> 20) & 15] as number,
    digits[(word >>> 16) & 15] as number,
    digits[(word >>> 12) & 15] as number,
    digits[(word >>> 8) & 15] as number,
    digits[(word >>> 4) & 15] as number,
    digits[word & 15] as number,
  );
}
