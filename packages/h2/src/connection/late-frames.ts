import { ErrorCode } from "../wire/error-code.js";
import { ENDED, RESET_BY_PEER, RESET_BY_US, UNKNOWN } from "./closed-streams.js";
import { fail } from "./ending.js";
import { chargeControl } from "./floods.js";
import type { ConnectionState } from "./state.js";
import { refuse } from "./stream-errors.js";

/** The stream was never opened by anybody (RFC 9113 section 5.1: idle). */
export function isIdle(c: ConnectionState, id: number): boolean {
  const ours = (id & 1) === (c.server ? 0 : 1);
  return ours ? id >= c.nextId || c.server : id > c.lastPeerId;
}

/**
 * DATA or HEADERS for a stream that is not open (RFC 9113 section 5.1). After our own reset, or above our GOAWAY, they
 * were simply on their way. After the peer's own end or reset they are its mistake.
 */
export function lateFrame(c: ConnectionState, id: number, what: "DATA" | "HEADERS"): boolean {
  if (id > c.goawayLast) return chargeControl(c, 1);
  if (isIdle(c, id)) return fail(c, ErrorCode.PROTOCOL_ERROR, `${what} on an idle stream`);
  c.counters.lateFrames++;
  const how = howClosed(c, id);
  if (how === RESET_BY_US) return chargeControl(c, 1);
  if (how === RESET_BY_PEER) return refuse(c, id, ErrorCode.STREAM_CLOSED);
  if (what === "DATA") return refuse(c, id, ErrorCode.STREAM_CLOSED);
  // Section 5.1.1: a smaller identifier that was never used cannot be opened any more.
  if (how === UNKNOWN) return fail(c, ErrorCode.PROTOCOL_ERROR, "HEADERS on a closed stream");
  return fail(c, ErrorCode.STREAM_CLOSED, "HEADERS after END_STREAM");
}

function howClosed(c: ConnectionState, id: number): number {
  const how = c.resets.how(id);
  return how === UNKNOWN && c.ended.how(id) === ENDED ? ENDED : how;
}
