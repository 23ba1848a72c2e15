import { ErrorCode } from "../wire/error-code.js";
import { FLAG_ACK, MAX_WINDOW } from "../wire/frame.js";
import { RESET_BY_PEER } from "./closed-streams.js";
import { DRAIN_PING, writePing } from "./control-frames.js";
import { continueDrain, fail, finishDrain } from "./ending.js";
import { chargeControl, chargePeerReset } from "./floods.js";
import { isIdle } from "./late-frames.js";
import { joinRing } from "./ring.js";
import { CLOSED, type ConnectionState, DRAINING, OPEN } from "./state.js";
import { refuse, streamError } from "./stream-errors.js";
import { closeStream } from "./stream-table.js";

/** The small frames. Each function returns false when the connection was closed over its frame. */
export function receiveReset(c: ConnectionState, input: Buffer, start: number, length: number, id: number): boolean {
  if (length !== 4) return fail(c, ErrorCode.FRAME_SIZE_ERROR, "RST_STREAM length");
  if (id === 0 || isIdle(c, id)) return fail(c, ErrorCode.PROTOCOL_ERROR, "RST_STREAM on an idle stream");
  c.counters.resetsReceived++;
  const stream = c.streams.get(id);
  if (stream === undefined) {
    c.counters.lateFrames++;
    return chargeControl(c, 1);
  }
  const code = input.readUInt32BE(start);
  const unprocessed = !c.server && code === ErrorCode.REFUSED_STREAM && !stream.headersReceived;
  closeStream(c, stream, RESET_BY_PEER);
  c.listener.onReset(stream, code, unprocessed);
  if (c.phase !== OPEN) finishDrain(c);
  return c.server ? chargePeerReset(c) : true;
}

/** Hot on servers that send much: once per few frames. */
export function receiveWindowUpdate(
  c: ConnectionState,
  input: Buffer,
  start: number,
  length: number,
  id: number,
): boolean {
  if (length !== 4) return fail(c, ErrorCode.FRAME_SIZE_ERROR, "WINDOW_UPDATE length");
  const increment = input.readUInt32BE(start) & 0x7fff_ffff;
  if (id === 0) {
    if (increment === 0) return fail(c, ErrorCode.PROTOCOL_ERROR, "WINDOW_UPDATE of 0");
    if (c.sendWindow + increment > MAX_WINDOW) return fail(c, ErrorCode.FLOW_CONTROL_ERROR, "window overflow");
    c.sendWindow += increment;
    if (c.ringHead !== undefined) c.out.wake();
    return chargeControl(c, 1);
  }
  const stream = c.streams.get(id);
  if (stream === undefined) {
    if (isIdle(c, id)) return fail(c, ErrorCode.PROTOCOL_ERROR, "WINDOW_UPDATE on an idle stream");
    c.counters.lateFrames++;
    return increment === 0 ? refuse(c, id, ErrorCode.PROTOCOL_ERROR) : chargeControl(c, 1);
  }
  if (increment === 0) return streamError(c, stream, ErrorCode.PROTOCOL_ERROR);
  if (stream.sendWindow + increment > MAX_WINDOW) return streamError(c, stream, ErrorCode.FLOW_CONTROL_ERROR);
  stream.sendWindow += increment;
  if (stream.queuedBytes > 0 && stream.sendWindow > 0) {
    joinRing(c, stream);
    c.out.wake();
  }
  return chargeControl(c, 1);
}

export function receivePing(
  c: ConnectionState,
  input: Buffer,
  start: number,
  length: number,
  flags: number,
  id: number,
): boolean {
  if (id !== 0) return fail(c, ErrorCode.PROTOCOL_ERROR, "PING on a stream");
  if (length !== 8) return fail(c, ErrorCode.FRAME_SIZE_ERROR, "PING length");
  if ((flags & FLAG_ACK) !== 0) {
    if (input.compare(DRAIN_PING, 0, 8, start, start + 8) === 0) continueDrain(c);
    return c.phase === CLOSED ? false : chargeControl(c, 1);
  }
  if (!enforcePingInterval(c)) return false;
  writePing(c, FLAG_ACK, input, start);
  return chargeControl(c, 1);
}

/** gRFC A8: the third ping that comes too soon ends the connection with this exact debug text. */
function enforcePingInterval(c: ConnectionState): boolean {
  const { minPingInterval } = c.options;
  if (minPingInterval === 0) return true;
  // A ping after we have sent something is the peer's bandwidth probe and honest.
  const early = c.now - c.lastPeerPing < minPingInterval && !c.sentSincePing;
  c.lastPeerPing = c.now;
  c.sentSincePing = false;
  if (!early) {
    c.pingStrikes = 0;
    return true;
  }
  if (++c.pingStrikes <= 2) return true;
  c.counters.pingStrikes++;
  return fail(c, ErrorCode.ENHANCE_YOUR_CALM, "too_many_pings");
}

export function receivePriority(c: ConnectionState, input: Buffer, start: number, length: number, id: number): boolean {
  if (id === 0) return fail(c, ErrorCode.PROTOCOL_ERROR, "PRIORITY on stream 0");
  const stream = c.streams.get(id);
  let code: number = ErrorCode.NO_ERROR;
  if (length !== 5) code = ErrorCode.FRAME_SIZE_ERROR;
  else if ((input.readUInt32BE(start) & 0x7fff_ffff) === id) code = ErrorCode.PROTOCOL_ERROR;
  if (code === ErrorCode.NO_ERROR) return chargeControl(c, 1);
  if (stream !== undefined) return streamError(c, stream, code);
  // An idle stream may not be reset (RFC 9113 section 6.4), and afterwards nobody could open it.
  return isIdle(c, id) ? fail(c, code, "malformed PRIORITY on an idle stream") : refuse(c, id, code);
}

/** Client: streams above the last id were not processed and can be sent elsewhere (RFC 9113 section 6.8). */
export function receiveGoaway(c: ConnectionState, input: Buffer, start: number, end: number, id: number): boolean {
  if (id !== 0) return fail(c, ErrorCode.PROTOCOL_ERROR, "GOAWAY on a stream");
  if (end - start < 8) return fail(c, ErrorCode.FRAME_SIZE_ERROR, "GOAWAY length");
  c.counters.goawaysReceived++;
  const last = input.readUInt32BE(start) & 0x7fff_ffff;
  const code = input.readUInt32BE(start + 4);
  const text = input.toString("latin1", start + 8, Math.min(end, start + 8 + 256));
  // A last id that rises would take back a promise; the lower one stands.
  c.peerGoawayLast = Math.min(c.peerGoawayLast, last);
  // The drain timeout is for our own drains: the peer decides how long it serves what is open.
  if (c.phase === OPEN) c.phase = DRAINING;
  c.listener.onGoaway?.(code, last, text);
  if (!c.server) {
    for (const stream of c.streams.values()) {
      if (stream.closed || stream.id <= c.peerGoawayLast) continue;
      closeStream(c, stream, RESET_BY_PEER);
      c.listener.onReset(stream, ErrorCode.REFUSED_STREAM, true);
    }
  }
  finishDrain(c);
  return chargeControl(c, 1);
}
