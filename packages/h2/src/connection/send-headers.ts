import { HpackEncoder } from "../hpack/encoder.js";
import { checkOutgoing, type HeaderTemplate } from "../hpack/header-template.js";
import {
  CONTINUATION,
  FLAG_END_HEADERS,
  FLAG_END_STREAM,
  FRAME_HEADER_LENGTH,
  HEADERS,
  LARGEST_SENT_FRAME,
} from "../wire/frame.js";
import { putBytes, putFrameHeader } from "../wire/frame-writer.js";
import { endLocal } from "./ending.js";
import { CLOSED, type ConnectionState } from "./state.js";
import type { Stream } from "./stream.js";

/** Headers or trailers of a stream; trailers wait for the data queued before them. */
export function sendHeaders(
  c: ConnectionState,
  stream: Stream,
  template: HeaderTemplate,
  extra: readonly string[] | undefined,
  end: boolean,
): void {
  if (stream.closed || !stream.localOpen || c.phase === CLOSED) return;
  if (extra !== undefined) checkOutgoing(extra);
  if (stream.queuedBytes > 0) {
    if (!end) throw new TypeError("headers after data must be trailers and end the stream");
    stream.trailers = { template, extra };
    stream.localOpen = false;
    return;
  }
  writeHeaders(c, stream, template, extra, end);
}

/** Hot: the block of a known template is copied, per-call fields follow as literals, nothing is allocated. */
export function writeHeaders(
  c: ConnectionState,
  stream: Stream,
  template: HeaderTemplate,
  extra: readonly string[] | undefined,
  end: boolean,
): void {
  const { out, encoder, templates } = c;
  const room = extra === undefined ? template.room : template.room + HpackEncoder.room(extra);
  stream.headersSent = true;
  c.sentSincePing = true;
  if (room > LARGEST_SENT_FRAME) {
    writeLongHeaders(c, stream, template, extra, end, room);
  } else {
    out.reserve(FRAME_HEADER_LENGTH + room);
    const start = out.length;
    out.length = start + FRAME_HEADER_LENGTH;
    const known = templates.find(template, encoder);
    if (known !== undefined) {
      putBytes(out, known, 0, known.length);
    } else {
      out.length = encodeTemplate(c, template, out.bytes, out.length);
    }
    if (extra !== undefined) out.length = encoder.encodeUnique(extra, out.bytes, out.length);
    const after = out.length;
    out.length = start;
    const flags = end ? FLAG_END_HEADERS | FLAG_END_STREAM : FLAG_END_HEADERS;
    putFrameHeader(out, after - start - FRAME_HEADER_LENGTH, HEADERS, flags, stream.id);
    out.length = after;
  }
  if (end) endLocal(c, stream);
}

function encodeTemplate(c: ConnectionState, template: HeaderTemplate, into: Buffer, at: number): number {
  const { encoder, templates } = c;
  const update = encoder.mustUpdate;
  const epoch = encoder.epoch;
  const after = encoder.encode(template.fields, into, at);
  // A block that begins with a table size update must not be repeated.
  if (!update) templates.remember(template, encoder, epoch, into.subarray(at, after));
  return after;
}

/** Blocks that may not fit one frame: encoded aside, then cut into HEADERS and CONTINUATION. */
function writeLongHeaders(
  c: ConnectionState,
  stream: Stream,
  template: HeaderTemplate,
  extra: readonly string[] | undefined,
  end: boolean,
  room: number,
): void {
  const { out, encoder } = c;
  const block = Buffer.allocUnsafe(room);
  let length = encodeTemplate(c, template, block, 0);
  if (extra !== undefined) length = encoder.encodeUnique(extra, block, length);
  for (let at = 0; at === 0 || at < length; ) {
    const piece = Math.min(length - at, LARGEST_SENT_FRAME);
    const last = at + piece === length ? FLAG_END_HEADERS : 0;
    out.reserve(FRAME_HEADER_LENGTH + piece);
    if (at === 0) putFrameHeader(out, piece, HEADERS, last | (end ? FLAG_END_STREAM : 0), stream.id);
    else putFrameHeader(out, piece, CONTINUATION, last, stream.id);
    putBytes(out, block, at, at + piece);
    at += piece;
    if (piece === 0) return;
  }
}
