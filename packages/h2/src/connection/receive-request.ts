import type { HeaderList } from "../headers/header-list.js";
import { requestFault, trailersFault } from "../headers/message-rules.js";
import { HeaderTemplate } from "../hpack/header-template.js";
import { ErrorCode } from "../wire/error-code.js";
import { endLocal, endRemote } from "./ending.js";
import { writeHeaders } from "./send-headers.js";
import type { ConnectionState } from "./state.js";
import type { Stream } from "./stream.js";
import { malformed, refuse, streamError } from "./stream-errors.js";
import { openStream } from "./stream-table.js";

/** 431 Request Header Fields Too Large (RFC 6585 section 5). */
const TOO_LARGE: HeaderTemplate = new HeaderTemplate([":status", "431"]);

/** Server: the header section that opens a stream. Hot: once per call. */
export function receiveRequest(
  c: ConnectionState,
  id: number,
  list: HeaderList,
  end: boolean,
  selfDependent: boolean,
): boolean {
  c.lastPeerId = id;
  if (c.streams.size >= c.options.maxConcurrentStreams) {
    c.counters.streamsRefused++;
    return refuse(c, id, ErrorCode.REFUSED_STREAM);
  }
  if (list.oversized) return answerTooLarge(c, id, end);
  if (selfDependent) return refuse(c, id, ErrorCode.PROTOCOL_ERROR);
  if (!list.wellFormed) {
    if (requestFault(list) !== "") {
      c.counters.malformedMessages++;
      return refuse(c, id, ErrorCode.PROTOCOL_ERROR);
    }
    list.wellFormed = true;
  }
  if (end && list.contentLength > 0) {
    c.counters.malformedMessages++;
    return refuse(c, id, ErrorCode.PROTOCOL_ERROR);
  }
  const stream = openStream(c, id);
  stream.headersReceived = true;
  stream.expected = list.contentLength;
  if (end) stream.remoteOpen = false;
  c.listener.onHeaders(stream, list, end);
  if (end) endRemote(c, stream);
  return true;
}

/** The stream lives only inside this function; the application never sees it. */
function answerTooLarge(c: ConnectionState, id: number, end: boolean): boolean {
  const stream = openStream(c, id);
  stream.remoteOpen = !end;
  writeHeaders(c, stream, TOO_LARGE, undefined, true);
  if (!stream.closed) endLocal(c, stream);
  return true;
}

export function receiveRequestTrailers(c: ConnectionState, stream: Stream, list: HeaderList, end: boolean): boolean {
  if (!stream.remoteOpen) return streamError(c, stream, ErrorCode.STREAM_CLOSED);
  return receiveTrailers(c, stream, list, end);
}

/** Either side: the section after the content. */
export function receiveTrailers(c: ConnectionState, stream: Stream, list: HeaderList, end: boolean): boolean {
  if (!end || list.oversized || trailersFault(list) !== "") return malformed(c, stream);
  if (stream.expected >= 0 && stream.received !== stream.expected && !stream.bodyless) return malformed(c, stream);
  stream.remoteOpen = false;
  c.listener.onTrailers(stream, list);
  endRemote(c, stream);
  return true;
}
