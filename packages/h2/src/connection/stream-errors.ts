import { ErrorCode } from "../wire/error-code.js";
import { RESET_BY_US } from "./closed-streams.js";
import { writeReset } from "./control-frames.js";
import { breakStream } from "./ending.js";
import { chargeProvokedReset } from "./floods.js";
import type { ConnectionState } from "./state.js";
import type { Stream } from "./stream.js";

/**
 * Stream errors that the peer has caused (RFC 9113 section 5.4.2). All are charged: a peer must not be able to make us
 * cancel work for free. They return false when that closed the connection.
 */
export function streamError(c: ConnectionState, stream: Stream, code: number): boolean {
  if (code === ErrorCode.FLOW_CONTROL_ERROR) c.counters.flowControlErrors++;
  breakStream(c, stream, code);
  return chargeProvokedReset(c);
}

export function malformed(c: ConnectionState, stream: Stream): boolean {
  c.counters.malformedMessages++;
  return streamError(c, stream, ErrorCode.PROTOCOL_ERROR);
}

/** The same for a stream that the application has never seen or that is gone. */
export function refuse(c: ConnectionState, id: number, code: number): boolean {
  writeReset(c, id, code);
  c.resets.add(id, RESET_BY_US);
  return chargeProvokedReset(c);
}
