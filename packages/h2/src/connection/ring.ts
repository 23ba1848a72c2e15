import type { ConnectionState } from "./state.js";
import type { Stream } from "./stream.js";

/**
 * The round-robin ring of streams that have something to send: a linked list through the streams themselves, so
 * joining and leaving allocate nothing. A stream without a window is not in it.
 */
export function joinRing(c: ConnectionState, stream: Stream): void {
  if (stream.inRing || stream.closed) return;
  stream.inRing = true;
  stream.next = undefined;
  if (c.ringTail === undefined) c.ringHead = stream;
  else c.ringTail.next = stream;
  c.ringTail = stream;
}

/** Takes the stream whose turn it is. Closed ones fall out here. */
export function takeTurn(c: ConnectionState): Stream | undefined {
  for (;;) {
    const stream = c.ringHead;
    if (stream === undefined) return undefined;
    c.ringHead = stream.next;
    if (c.ringHead === undefined) c.ringTail = undefined;
    stream.next = undefined;
    stream.inRing = false;
    if (!stream.closed) return stream;
  }
}

/** Gives the turn back to the front: the connection's window was spent before the stream could use it. */
export function returnTurn(c: ConnectionState, stream: Stream): void {
  stream.inRing = true;
  stream.next = c.ringHead;
  c.ringHead = stream;
  if (c.ringTail === undefined) c.ringTail = stream;
}
