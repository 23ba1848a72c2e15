import type { HeaderList } from "../headers/header-list.js";
import { responseFault } from "../headers/message-rules.js";
import { ErrorCode } from "../wire/error-code.js";
import { endRemote } from "./ending.js";
import { chargeControl } from "./floods.js";
import { receiveTrailers } from "./receive-request.js";
import type { ConnectionState } from "./state.js";
import type { Stream } from "./stream.js";
import { malformed, streamError } from "./stream-errors.js";

/** Client: informational responses are dropped, then the final response, then trailers (RFC 9113 section 8.1). */
export function receiveResponse(c: ConnectionState, stream: Stream, list: HeaderList, end: boolean): boolean {
  if (!stream.remoteOpen) return streamError(c, stream, ErrorCode.STREAM_CLOSED);
  if (stream.headersReceived) return receiveTrailers(c, stream, list, end);
  if (list.oversized) return streamError(c, stream, ErrorCode.ENHANCE_YOUR_CALM);
  if (!list.wellFormed) {
    if (responseFault(list) !== "") return malformed(c, stream);
    list.wellFormed = true;
  }
  if (list.status < 200) {
    if (end) return malformed(c, stream);
    c.counters.informational++;
    return chargeControl(c, 1);
  }
  // RFC 9110 section 8.6: content-length of these describes a content that is not sent.
  if (list.status === 204 || list.status === 304) stream.bodyless = true;
  if (end && list.contentLength > 0 && !stream.bodyless) return malformed(c, stream);
  stream.headersReceived = true;
  stream.expected = list.contentLength;
  if (end) stream.remoteOpen = false;
  c.listener.onHeaders(stream, list, end);
  if (end) endRemote(c, stream);
  return true;
}
