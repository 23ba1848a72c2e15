import { ErrorCode } from "../wire/error-code.js";
import { FLAG_END_HEADERS, FLAG_END_STREAM, FLAG_PADDED, FLAG_PRIORITY } from "../wire/frame.js";
import { fail } from "./ending.js";
import { receiveBlock } from "./receive-block.js";
import type { ConnectionState } from "./state.js";

/**
 * HEADERS and CONTINUATION (RFC 9113 sections 6.2 and 6.10): from frames to complete header blocks. A block in one
 * frame, which is nearly every block, is decoded where it lies.
 */
export function receiveHeaders(
  c: ConnectionState,
  input: Buffer,
  start: number,
  end: number,
  flags: number,
  id: number,
): boolean {
  if (id === 0) return fail(c, ErrorCode.PROTOCOL_ERROR, "HEADERS on stream 0");
  let from = start;
  let to = end;
  let selfDependent = false;
  if ((flags & (FLAG_PADDED | FLAG_PRIORITY)) !== 0) {
    if ((flags & FLAG_PADDED) !== 0) {
      if (from >= to) return fail(c, ErrorCode.FRAME_SIZE_ERROR, "HEADERS without pad length");
      to -= input[from] as number;
      from++;
    }
    if ((flags & FLAG_PRIORITY) !== 0) {
      if (to - from < 5) return fail(c, ErrorCode.FRAME_SIZE_ERROR, "HEADERS without priority");
      selfDependent = (input.readUInt32BE(from) & 0x7fff_ffff) === id;
      from += 5;
    }
    if (from > to) return fail(c, ErrorCode.PROTOCOL_ERROR, "padding longer than the frame");
  }
  const endStream = (flags & FLAG_END_STREAM) !== 0;
  if ((flags & FLAG_END_HEADERS) !== 0) return receiveBlock(c, input, from, to, id, endStream, selfDependent);
  c.blockStream = id;
  c.blockEnd = endStream;
  c.blockSelfDependent = selfDependent;
  c.blockContinuations = 0;
  c.blockSince = c.now;
  c.block = Buffer.allocUnsafe(Math.max(1024, (to - from) * 2));
  c.blockLength = input.copy(c.block, 0, from, to);
  return true;
}

/**
 * CONTINUATION flood (CVE-2024-27983 and others): a block has no declared length, so both its octets and its frames are
 * bounded. Compressed octets may exceed the list size a little (names are repeated as literals), never by more than
 * twice.
 */
export function receiveContinuation(
  c: ConnectionState,
  input: Buffer,
  start: number,
  end: number,
  flags: number,
): boolean {
  const length = end - start;
  const needed = c.blockLength + length;
  c.blockContinuations++;
  if (needed > c.options.maxHeaderListSize * 2 || c.blockContinuations > c.options.maxContinuations) {
    c.counters.continuationFloods++;
    return fail(c, ErrorCode.ENHANCE_YOUR_CALM, "header block too large");
  }
  let block = c.block as Buffer;
  if (needed > block.length) {
    const bigger = Buffer.allocUnsafe(needed * 2);
    block.copy(bigger, 0, 0, c.blockLength);
    block = bigger;
    c.block = bigger;
  }
  input.copy(block, c.blockLength, start, end);
  c.blockLength = needed;
  if ((flags & FLAG_END_HEADERS) === 0) return true;
  const id = c.blockStream;
  c.blockStream = 0;
  c.block = undefined;
  return receiveBlock(c, block, 0, needed, id, c.blockEnd, c.blockSelfDependent);
}
