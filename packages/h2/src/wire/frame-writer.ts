import { FRAME_HEADER_LENGTH } from "./frame.js";
import type { Output } from "./output.js";

/**
 * Writes frame headers and small payloads into an output. The caller has reserved the room.
 *
 * Hot: octet stores on a Buffer are compiled to single instructions, `writeUInt32BE` checks its arguments.
 */
export function putFrameHeader(out: Output, length: number, type: number, flags: number, stream: number): void {
  const { bytes } = out;
  const at = out.length;
  bytes[at] = length >>> 16;
  bytes[at + 1] = length >>> 8;
  bytes[at + 2] = length;
  bytes[at + 3] = type;
  bytes[at + 4] = flags;
  bytes[at + 5] = stream >>> 24;
  bytes[at + 6] = stream >>> 16;
  bytes[at + 7] = stream >>> 8;
  bytes[at + 8] = stream;
  out.length = at + FRAME_HEADER_LENGTH;
}

export function putUint32(out: Output, value: number): void {
  const { bytes } = out;
  const at = out.length;
  bytes[at] = value >>> 24;
  bytes[at + 1] = value >>> 16;
  bytes[at + 2] = value >>> 8;
  bytes[at + 3] = value;
  out.length = at + 4;
}

/** Hot: payloads of a few octets are the rule, and a loop beats the call into `set` for them. */
export function putBytes(out: Output, from: Uint8Array, start: number, end: number): void {
  const { bytes } = out;
  const at = out.length;
  const length = end - start;
  if (length <= 48) {
    for (let i = 0; i < length; i++) bytes[at + i] = from[start + i] as number;
  } else if (start === 0 && end === from.length) {
    bytes.set(from, at);
  } else {
    bytes.set(from.subarray(start, end), at);
  }
  out.length = at + length;
}
