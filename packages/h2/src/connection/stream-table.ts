import { ENDED } from "./closed-streams.js";
import { settleClosed } from "./credit.js";
import { CLOSED, type ConnectionState } from "./state.js";
import { Stream } from "./stream.js";

/** Opening and closing streams: the only place that changes the map. Hot: twice per call. */
export function openStream(c: ConnectionState, id: number): Stream {
  const stream = new Stream(id, c.peer.initialWindowSize, c.options.streamWindow);
  c.streams.add(stream);
  c.counters.streamsOpened++;
  return stream;
}

/** `how` is one of the `ClosedStreams` reasons; it decides what late frames mean. */
export function closeStream(c: ConnectionState, stream: Stream, how: number): void {
  if (stream.closed) return;
  stream.closed = true;
  stream.remoteOpen = false;
  stream.localOpen = false;
  c.streams.delete(stream.id);
  c.counters.streamsClosed++;
  if (stream.queuedBytes > 0) {
    c.queuedBytes -= stream.queuedBytes;
    stream.queuedBytes = 0;
  }
  stream.queue = undefined;
  stream.queueTail = undefined;
  stream.trailers = undefined;
  settleClosed(c, stream);
  if (how === ENDED) {
    c.ended.add(stream.id, how);
    c.resetMeter.refund(1);
  } else {
    c.resets.add(stream.id, how);
  }
  if (c.streams.size === 0) c.idleSince = c.now;
  if (c.capacityWasZero && c.phase !== CLOSED) {
    c.capacityWasZero = false;
    c.listener.onCapacity?.();
  }
}
