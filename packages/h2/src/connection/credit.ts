import { MAX_WINDOW } from "../wire/frame.js";
import { writeWindowUpdate } from "./control-frames.js";
import { CLOSED, type ConnectionState } from "./state.js";
import type { Stream } from "./stream.js";

/**
 * Returning receive windows (RFC 9113 section 6.9). Octets go back to the peer only when the application has consumed
 * or held them, in portions of half a window so that one WINDOW_UPDATE serves many frames.
 */
export function consume(c: ConnectionState, stream: Stream, octets: number): void {
  const count = Math.min(octets, stream.unconsumed);
  if (count <= 0 || stream.closed) return;
  stream.unconsumed -= count;
  if (stream.charged > stream.unconsumed) {
    c.budget.give(stream.charged - stream.unconsumed);
    stream.charged = stream.unconsumed;
  }
  creditStream(c, stream, count);
  creditConnection(c, count);
}

export function hold(c: ConnectionState, stream: Stream, octets: number): boolean {
  if (stream.closed || octets <= 0) return true;
  // Octets that were already charged as unconsumed move over without being counted twice.
  const count = Math.min(octets, stream.unconsumed);
  const moved = Math.max(0, stream.charged - (stream.unconsumed - count));
  if (octets > moved && !c.budget.take(octets - moved)) {
    c.counters.receiveBudgetRefusals++;
    return false;
  }
  stream.charged -= moved;
  stream.held += octets;
  stream.unconsumed -= count;
  creditStream(c, stream, count);
  creditConnection(c, count);
  return true;
}

export function release(c: ConnectionState, stream: Stream, octets: number): void {
  const count = Math.min(octets, stream.held);
  if (count <= 0) return;
  stream.held -= count;
  c.budget.give(count);
}

/** Everything a closing stream was given: its memory is the application's to drop, its windows are the peer's. */
export function settleClosed(c: ConnectionState, stream: Stream): void {
  const charged = stream.charged + stream.held;
  if (charged > 0) c.budget.give(charged);
  stream.charged = 0;
  stream.held = 0;
  if (stream.unconsumed > 0) {
    creditConnection(c, stream.unconsumed);
    stream.unconsumed = 0;
  }
}

export function creditStream(c: ConnectionState, stream: Stream, octets: number): void {
  stream.credit += octets;
  // A finished sender needs no window.
  if (!stream.remoteOpen || stream.credit * 2 < c.options.streamWindow) return;
  writeWindowUpdate(c, stream.id, stream.credit);
  stream.receiveWindow += stream.credit;
  stream.credit = 0;
}

export function creditConnection(c: ConnectionState, octets: number): void {
  c.credit += octets;
  if (c.credit * 2 < c.options.connectionWindow || c.phase === CLOSED) return;
  writeWindowUpdate(c, 0, c.credit);
  c.receiveWindow += c.credit;
  c.credit = 0;
}

/** Raises the connection's window from the protocol's 64 KB to the configured size; it has no setting of its own. */
export function openConnectionWindow(c: ConnectionState): void {
  const target = Math.min(c.options.connectionWindow, MAX_WINDOW);
  const increment = target - c.receiveWindow;
  if (increment <= 0) return;
  writeWindowUpdate(c, 0, increment);
  c.receiveWindow += increment;
}
