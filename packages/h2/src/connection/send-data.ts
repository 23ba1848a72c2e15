import { ErrorCode } from "../wire/error-code.js";
import { DATA, FLAG_END_STREAM, FRAME_HEADER_LENGTH, LARGEST_SENT_FRAME } from "../wire/frame.js";
import { putBytes, putFrameHeader } from "../wire/frame-writer.js";
import type { Output } from "../wire/output.js";
import { breakStream, endLocal } from "./ending.js";
import { joinRing, returnTurn, takeTurn } from "./ring.js";
import { writeHeaders } from "./send-headers.js";
import { CLOSED, type ConnectionState } from "./state.js";
import type { QueuedChunk, Stream } from "./stream.js";

/** Octets in the output above which DATA waits in its stream; the driver flushes at least once a turn. */
const OUTPUT_MARK = 262_144;

/** Queued octets that are sent from where they are: below, copying costs less than another piece of a write (ours). */
const REFERRED = 4096;

const NO_LEAD: Uint8Array = new Uint8Array(0);

/**
 * Content of a stream. Hot: a message that fits one frame and both windows, with nobody waiting, is copied straight
 * into the output; everything else is queued on its stream and sent in turns of at most 16 KB.
 *
 * Who is queued because the output is full, and not for want of a window, is told to wait at once: after the next flush
 * it can write into the output again, while what it queued would have to be kept and moved (bench `stream`).
 */
export function sendData(
  c: ConnectionState,
  stream: Stream,
  bytes: Uint8Array,
  end: boolean,
  lead: Uint8Array = NO_LEAD,
): boolean {
  if (stream.closed || !stream.localOpen || c.phase === CLOSED) return false;
  const length = lead.length + bytes.length;
  if (
    stream.queuedBytes === 0 &&
    length <= LARGEST_SENT_FRAME &&
    length <= stream.sendWindow &&
    length <= c.sendWindow &&
    c.ringHead === undefined &&
    !c.out.blocked &&
    c.out.pending < OUTPUT_MARK
  ) {
    if (length === 0 && !end) return true;
    const { out } = c;
    out.reserve(FRAME_HEADER_LENGTH + length);
    putFrameHeader(out, length, DATA, end ? FLAG_END_STREAM : 0, stream.id);
    putBytes(out, lead, 0, lead.length);
    putBytes(out, bytes, 0, bytes.length);
    stream.sendWindow -= length;
    c.sendWindow -= length;
    c.sentSincePing = true;
    c.controlMeter.refund(1);
    if (end) endLocal(c, stream);
    return true;
  }
  return queueData(c, stream, bytes, end, lead);
}

function queueData(c: ConnectionState, stream: Stream, bytes: Uint8Array, end: boolean, lead: Uint8Array): boolean {
  const length = lead.length + bytes.length;
  if (length === 0 && stream.queuedBytes === 0) {
    if (end) writeEmptyEnd(c, stream);
    return true;
  }
  if (stream.queuedBytes === 0) stream.progressAt = c.now;
  if (lead.length > 0) enqueue(stream, new Uint8Array(lead));
  if (bytes.length > 0) enqueue(stream, bytes);
  stream.queuedBytes += length;
  c.queuedBytes += length;
  if (end) {
    stream.endQueued = true;
    stream.localOpen = false;
  }
  if (c.queuedBytes > c.options.connectionQueueLimit) {
    c.counters.sendQueueOverflows++;
    breakStream(c, stream, ErrorCode.ENHANCE_YOUR_CALM);
    return false;
  }
  if (stream.sendWindow > 0) {
    joinRing(c, stream);
    c.out.wake();
  }
  if (stream.queuedBytes < c.options.streamQueueMark && !isOutputFull(c, stream)) return true;
  stream.writableOwed = true;
  return false;
}

/** Whether what is queued waits for the next flush rather than for the peer. */
function isOutputFull(c: ConnectionState, stream: Stream): boolean {
  if (stream.queuedBytes > stream.sendWindow || stream.queuedBytes > c.sendWindow) return false;
  return c.out.blocked || c.out.pending >= OUTPUT_MARK;
}

function enqueue(stream: Stream, bytes: Uint8Array): void {
  const chunk: QueuedChunk = { bytes: bytes.length < REFERRED ? bytes : asBuffer(bytes), at: 0, next: undefined };
  if (stream.queueTail === undefined) stream.queue = chunk;
  else stream.queueTail.next = chunk;
  stream.queueTail = chunk;
}

/** END_STREAM without content needs no window. */
function writeEmptyEnd(c: ConnectionState, stream: Stream): void {
  c.out.reserve(FRAME_HEADER_LENGTH);
  putFrameHeader(c.out, 0, DATA, FLAG_END_STREAM, stream.id);
  endLocal(c, stream);
}

/** Moves queued data into the output, one frame per stream and turn, as far as windows and transport allow. */
export function pump(c: ConnectionState): void {
  while (c.ringHead !== undefined && !c.out.blocked && c.out.pending < OUTPUT_MARK) {
    const stream = takeTurn(c);
    if (stream === undefined) return;
    if (c.sendWindow <= 0) {
      returnTurn(c, stream);
      return;
    }
    if (stream.sendWindow > 0 && stream.queuedBytes > 0) sendPiece(c, stream);
  }
}

function sendPiece(c: ConnectionState, stream: Stream): void {
  const { out } = c;
  const length = Math.min(LARGEST_SENT_FRAME, stream.sendWindow, c.sendWindow, stream.queuedBytes);
  const emptied = length === stream.queuedBytes;
  const last = emptied && stream.endQueued;
  out.reserve(FRAME_HEADER_LENGTH);
  putFrameHeader(out, length, DATA, last ? FLAG_END_STREAM : 0, stream.id);
  writeQueued(out, stream, length);
  stream.sendWindow -= length;
  c.sendWindow -= length;
  stream.queuedBytes -= length;
  c.queuedBytes -= length;
  stream.progressAt = c.now;
  c.sentSincePing = true;
  c.controlMeter.refund(1);
  if (!emptied) {
    if (stream.sendWindow > 0) joinRing(c, stream);
  } else {
    stream.queue = undefined;
    stream.queueTail = undefined;
    const { trailers } = stream;
    if (last) endLocal(c, stream);
    else if (trailers !== undefined) {
      stream.trailers = undefined;
      writeHeaders(c, stream, trailers.template, trailers.extra, true);
    }
  }
  if (stream.writableOwed && stream.queuedBytes * 2 <= c.options.streamQueueMark && stream.localOpen) {
    stream.writableOwed = false;
    c.listener.onWritable(stream);
  }
}

/** Sockets write Buffers, and slices of one are made here faster than there. */
function asBuffer(bytes: Uint8Array): Buffer {
  return bytes instanceof Buffer ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}

function writeQueued(out: Output, stream: Stream, length: number): void {
  let left = length;
  let chunk = stream.queue;
  while (left > 0 && chunk !== undefined) {
    const { bytes, at } = chunk;
    const end = Math.min(at + left, bytes.length);
    if (end - at >= REFERRED) {
      out.refer(bytes.subarray(at, end) as Buffer);
    } else {
      out.reserve(end - at);
      putBytes(out, bytes, at, end);
    }
    left -= end - at;
    chunk.at = end;
    if (end === bytes.length) chunk = chunk.next;
  }
  stream.queue = chunk;
}
