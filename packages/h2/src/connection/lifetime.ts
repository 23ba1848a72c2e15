import { ErrorCode } from "../wire/error-code.js";
import { KEEPALIVE_PING, writePing } from "./control-frames.js";
import { breakStream, continueDrain, fail, finish, startDrain } from "./ending.js";
import { CLOSED, type ConnectionState, DRAINING, OPEN } from "./state.js";

/** How long a drain waits for its PING before it assumes that nothing is racing any more. */
const DRAIN_PING_WAIT = 5000;

/** Everything that depends on time alone. Called about once a second, so all limits have that resolution. */
export function tick(c: ConnectionState, now: number): void {
  c.now = now;
  if (c.phase === CLOSED) return;
  if (!checkHandshake(c) || !checkKeepalive(c) || !checkTransport(c)) return;
  if (c.queuedBytes > 0) checkStalledStreams(c);
  if (c.phase === OPEN) checkAge(c);
  else if (c.phase === DRAINING) checkDrain(c);
}

function checkHandshake(c: ConnectionState): boolean {
  const { handshakeTimeout } = c.options;
  if (c.blockStream !== 0 && handshakeTimeout > 0 && c.now - c.blockSince >= handshakeTimeout) {
    c.counters.continuationFloods++;
    return fail(c, ErrorCode.ENHANCE_YOUR_CALM, "header block not finished in time");
  }
  if ((c.settingsReceived && c.settingsAcked) || handshakeTimeout === 0) return true;
  if (c.now - c.openedAt < handshakeTimeout) return true;
  if (!c.settingsReceived) {
    c.counters.handshakeTimeouts++;
    return fail(c, ErrorCode.PROTOCOL_ERROR, "no SETTINGS in time");
  }
  c.counters.settingsTimeouts++;
  return fail(c, ErrorCode.SETTINGS_TIMEOUT, "SETTINGS not acknowledged in time");
}

function checkKeepalive(c: ConnectionState): boolean {
  const { keepaliveInterval, keepaliveTimeout, keepaliveWithoutStreams } = c.options;
  if (keepaliveInterval === 0) return true;
  if (c.keepaliveSentAt >= 0) {
    // Any octet received since is as good as the acknowledgement.
    if (c.lastReadAt >= c.keepaliveSentAt) c.keepaliveSentAt = -1;
    else if (c.now - c.keepaliveSentAt >= keepaliveTimeout) {
      c.counters.keepaliveTimeouts++;
      return fail(c, ErrorCode.NO_ERROR, "keepalive timed out");
    }
    return true;
  }
  if (c.streams.size === 0 && !keepaliveWithoutStreams) return true;
  if (c.now - c.lastReadAt >= keepaliveInterval) {
    c.keepaliveSentAt = c.now;
    writePing(c, 0, KEEPALIVE_PING, 0);
  }
  return true;
}

/** Slow read: a transport that takes nothing for this long has no reader. */
function checkTransport(c: ConnectionState): boolean {
  const { stallTimeout } = c.options;
  if (!c.out.blocked || stallTimeout === 0 || c.now - c.out.blockedSince < stallTimeout) return true;
  c.counters.stalledTransports++;
  finish(c, ErrorCode.ENHANCE_YOUR_CALM, "transport stalled");
  return false;
}

/** Slow read with a zero window: queued answers must not be pinned for ever. */
function checkStalledStreams(c: ConnectionState): void {
  const { stallTimeout } = c.options;
  if (stallTimeout === 0) return;
  for (const stream of c.streams.values()) {
    if (stream.queuedBytes === 0 || c.now - stream.progressAt < stallTimeout) continue;
    c.counters.stalledStreams++;
    breakStream(c, stream, ErrorCode.ENHANCE_YOUR_CALM);
  }
}

function checkAge(c: ConnectionState): void {
  const { idleTimeout, maxAge } = c.options;
  if (maxAge > 0 && c.now - c.openedAt >= maxAge) {
    c.counters.agedClosed++;
    startDrain(c);
  } else if (idleTimeout > 0 && c.streams.size === 0 && c.now - c.idleSince >= idleTimeout) {
    c.counters.idleClosed++;
    startDrain(c);
  }
}

function checkDrain(c: ConnectionState): void {
  if (c.drainStartedAt < 0) return;
  if (c.now - c.drainStartedAt >= DRAIN_PING_WAIT) continueDrain(c);
  if (c.now < c.drainUntil) return;
  c.counters.drainsForced++;
  fail(c, ErrorCode.NO_ERROR, "drain timed out");
}
