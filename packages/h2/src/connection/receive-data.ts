import { ErrorCode } from "../wire/error-code.js";
import { DEFAULT_WINDOW, FLAG_END_STREAM, FLAG_PADDED } from "../wire/frame.js";
import { creditConnection, creditStream } from "./credit.js";
import { endRemote, fail } from "./ending.js";
import { chargeControl } from "./floods.js";
import { lateFrame } from "./late-frames.js";
import type { ConnectionState } from "./state.js";
import type { Stream } from "./stream.js";
import { malformed, streamError } from "./stream-errors.js";

/**
 * DATA (RFC 9113 section 6.1). The whole payload, padding included, is debited from both windows; padding is credited
 * back at once, content when the application has consumed it. Hot: once per message.
 */
export function receiveData(
  c: ConnectionState,
  input: Buffer,
  start: number,
  end: number,
  flags: number,
  id: number,
): boolean {
  const length = end - start;
  if (id === 0) return fail(c, ErrorCode.PROTOCOL_ERROR, "DATA on stream 0");
  if (length > c.receiveWindow) return fail(c, ErrorCode.FLOW_CONTROL_ERROR, "DATA beyond the connection window");
  c.receiveWindow -= length;
  let from = start;
  let to = end;
  if ((flags & FLAG_PADDED) !== 0) {
    const padding = length > 0 ? (input[start] as number) : 0;
    if (padding >= length) return fail(c, ErrorCode.PROTOCOL_ERROR, "padding longer than the frame");
    from = start + 1;
    to = end - padding;
  }
  const stream = c.streams.get(id);
  if (stream === undefined) {
    creditConnection(c, length);
    c.counters.lateOctets += length;
    return lateFrame(c, id, "DATA");
  }
  if (!acceptable(c, stream, length)) {
    creditConnection(c, length);
    return reject(c, stream, length);
  }
  stream.receiveWindow -= length;
  const content = to - from;
  if (length > content) {
    creditStream(c, stream, length - content);
    creditConnection(c, length - content);
  }
  return deliver(c, stream, input, from, to, (flags & FLAG_END_STREAM) !== 0);
}

function acceptable(c: ConnectionState, stream: Stream, length: number): boolean {
  return stream.remoteOpen && fits(c, stream, length) && (c.server || stream.headersReceived);
}

/**
 * Until the peer has acknowledged our SETTINGS it may still use the window that holds before them, and ours becomes
 * negative when it is smaller (RFC 9113 section 6.9.3).
 */
function fits(c: ConnectionState, stream: Stream, length: number): boolean {
  // An empty frame fits a negative window too (section 6.9.1).
  if (length <= stream.receiveWindow || length === 0) return true;
  return !c.settingsAcked && length <= stream.receiveWindow + DEFAULT_WINDOW - c.options.streamWindow;
}

function reject(c: ConnectionState, stream: Stream, length: number): boolean {
  if (!stream.remoteOpen) return streamError(c, stream, ErrorCode.STREAM_CLOSED);
  if (!fits(c, stream, length)) return streamError(c, stream, ErrorCode.FLOW_CONTROL_ERROR);
  return malformed(c, stream);
}

function deliver(
  c: ConnectionState,
  stream: Stream,
  input: Buffer,
  from: number,
  to: number,
  endStream: boolean,
): boolean {
  const content = to - from;
  stream.received += content;
  stream.unconsumed += content;
  if (stream.expected >= 0 && !stream.bodyless) {
    const wrong = endStream ? stream.received !== stream.expected : stream.received > stream.expected;
    if (wrong) return malformed(c, stream);
  }
  if (content === 0 && !endStream) return chargeControl(c, 1);
  c.controlMeter.refund(1);
  if (endStream) stream.remoteOpen = false;
  c.listener.onData(stream, input, from, to, endStream);
  if (stream.closed) return true;
  if (stream.unconsumed > stream.charged && !chargeKept(c, stream)) return true;
  if (endStream) endRemote(c, stream);
  return true;
}

/** What the application did not consume at once stays in memory and is charged to the budgets. */
function chargeKept(c: ConnectionState, stream: Stream): boolean {
  const kept = stream.unconsumed - stream.charged;
  if (c.budget.take(kept)) {
    stream.charged += kept;
    return true;
  }
  c.counters.receiveBudgetRefusals++;
  streamError(c, stream, ErrorCode.ENHANCE_YOUR_CALM);
  return false;
}
