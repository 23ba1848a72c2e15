import { ErrorCode } from "../wire/error-code.js";
import { MAX_STREAM_ID } from "../wire/frame.js";
import { ENDED, RESET_BY_US } from "./closed-streams.js";
import { DRAIN_PING, writeGoaway, writePing, writeReset } from "./control-frames.js";
import { CLOSED, type ConnectionState, DRAINING, OPEN } from "./state.js";
import type { Stream } from "./stream.js";
import { closeStream } from "./stream-table.js";

/** Ends the connection with a GOAWAY (RFC 9113 section 5.4.1). Always returns false, for `return fail(…)`. */
export function fail(c: ConnectionState, code: number, text: string): false {
  if (c.phase === CLOSED) return false;
  if (code === ErrorCode.PROTOCOL_ERROR || code === ErrorCode.STREAM_CLOSED) c.counters.protocolErrors++;
  else if (code === ErrorCode.FLOW_CONTROL_ERROR) c.counters.flowControlErrors++;
  else if (code === ErrorCode.FRAME_SIZE_ERROR) c.counters.frameSizeErrors++;
  else if (code === ErrorCode.COMPRESSION_ERROR) c.counters.compressionErrors++;
  writeGoaway(c, c.server ? c.lastPeerId : 0, code, text);
  finish(c, code, text);
  return false;
}

/** Ends the connection without another word: the transport is gone or useless. */
export function finish(c: ConnectionState, code: number, text: string): void {
  if (c.phase === CLOSED) return;
  c.phase = CLOSED;
  c.counters.connectionsClosed++;
  c.carry = undefined;
  c.block = undefined;
  c.memo = undefined;
  for (const stream of c.streams.values()) {
    // Events may close other streams.
    if (stream.closed) continue;
    closeStream(c, stream, RESET_BY_US);
    c.listener.onReset(stream, code === ErrorCode.NO_ERROR ? ErrorCode.CANCEL : code, !c.server && isAbove(c, stream));
  }
  c.ringHead = undefined;
  c.ringTail = undefined;
  c.out.end();
  c.listener.onClose?.(code, text);
}

/** Above the peer's GOAWAY: certainly not processed (RFC 9113 section 6.8). */
function isAbove(c: ConnectionState, stream: Stream): boolean {
  return stream.id > c.peerGoawayLast;
}

/** The application gives a stream up. */
export function abandon(c: ConnectionState, stream: Stream, code: number): void {
  if (stream.closed || c.phase === CLOSED) return;
  writeReset(c, stream.id, code);
  closeStream(c, stream, RESET_BY_US);
  finishDrain(c);
}

/** The engine gives a stream up, for a reason the application must learn. */
export function breakStream(c: ConnectionState, stream: Stream, code: number): void {
  if (stream.closed) return;
  writeReset(c, stream.id, code);
  closeStream(c, stream, RESET_BY_US);
  c.listener.onReset(stream, code, false);
  finishDrain(c);
}

/**
 * Our END_STREAM has been written. A server that answers before the request has ended asks the client to stop sending
 * (RFC 9113 section 8.1); the client keeps the result.
 */
export function endLocal(c: ConnectionState, stream: Stream): void {
  stream.localOpen = false;
  stream.endSent = true;
  if (!stream.remoteOpen) {
    closeStream(c, stream, ENDED);
    if (c.phase !== OPEN) finishDrain(c);
  } else if (c.server) {
    writeReset(c, stream.id, ErrorCode.NO_ERROR);
    closeStream(c, stream, RESET_BY_US);
    if (c.phase !== OPEN) finishDrain(c);
  }
}

/** The peer's END_STREAM has been delivered. */
export function endRemote(c: ConnectionState, stream: Stream): void {
  if (stream.closed || !stream.endSent) return;
  closeStream(c, stream, ENDED);
  if (c.phase !== OPEN) finishDrain(c);
}

/** Step one: no new streams please, but those on their way are welcome (RFC 9113 section 6.8). */
export function startDrain(c: ConnectionState, limit: number = c.options.drainTimeout): void {
  if (c.phase === CLOSED) return;
  c.drainUntil = limit === 0 ? Number.POSITIVE_INFINITY : c.now + limit;
  if (c.drainStartedAt >= 0) return;
  c.drainStartedAt = c.now;
  if (c.phase === DRAINING) {
    // The peer has said GOAWAY already, so nothing can be racing ours.
    finishDrain(c);
    return;
  }
  c.phase = DRAINING;
  if (c.server) {
    writeGoaway(c, MAX_STREAM_ID, ErrorCode.NO_ERROR, "");
    c.drainPingPending = true;
    writePing(c, 0, DRAIN_PING, 0);
  } else {
    writeGoaway(c, 0, ErrorCode.NO_ERROR, "");
    finishDrain(c);
  }
}

/** Step two, when the PING has come back and so every racing stream is here: name the last one. */
export function continueDrain(c: ConnectionState): void {
  if (!c.drainPingPending) return;
  c.drainPingPending = false;
  writeGoaway(c, c.lastPeerId, ErrorCode.NO_ERROR, "");
  finishDrain(c);
}

/** Step three: the last stream has ended. Also closes a client whose server said GOAWAY. */
export function finishDrain(c: ConnectionState): void {
  if (c.phase === DRAINING && !c.drainPingPending && c.streams.size === 0 && c.blockStream === 0) {
    finish(c, ErrorCode.NO_ERROR, "drained");
  }
}
