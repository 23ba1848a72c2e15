import { HeaderList } from "../headers/header-list.js";
import { BlockMemo, MEMO_MAX_BLOCK } from "../hpack/block-memo.js";
import { ErrorCode } from "../wire/error-code.js";
import { fail } from "./ending.js";
import { lateFrame } from "./late-frames.js";
import { receiveRequest, receiveRequestTrailers } from "./receive-request.js";
import { receiveResponse } from "./receive-response.js";
import type { ConnectionState } from "./state.js";

/**
 * A complete header block. It is decoded whatever becomes of its stream, because it may change the table that later
 * blocks refer to (RFC 9113 section 4.3).
 */
export function receiveBlock(
  c: ConnectionState,
  input: Buffer,
  start: number,
  end: number,
  id: number,
  endStream: boolean,
  selfDependent: boolean,
): boolean {
  const list = decodeBlock(c, input, start, end);
  if (list === undefined) return false;
  if (list.oversized) c.counters.oversizedHeaderLists++;
  const stream = c.streams.get(id);
  if (!c.server) {
    return stream === undefined ? lateFrame(c, id, "HEADERS") : receiveResponse(c, stream, list, endStream);
  }
  if (stream !== undefined) return receiveRequestTrailers(c, stream, list, endStream);
  if ((id & 1) === 0) return fail(c, ErrorCode.PROTOCOL_ERROR, "stream identifier of the wrong side");
  if (id <= c.lastPeerId || id > c.goawayLast) return lateFrame(c, id, "HEADERS");
  return receiveRequest(c, id, list, endStream, selfDependent);
}

/** Hot: the memo answers constant blocks; the rest is decoded. Undefined when the connection was closed over it. */
function decodeBlock(c: ConnectionState, input: Buffer, start: number, end: number): HeaderList | undefined {
  const { decoder } = c;
  const epoch = decoder.table.epoch;
  const short = end - start <= MEMO_MAX_BLOCK;
  let memo = c.memo;
  if (memo === undefined) {
    memo = new BlockMemo();
    c.memo = memo;
  }
  if (short && !decoder.sizeUpdateDue) {
    const known = memo.find(input, start, end, epoch);
    if (known !== undefined) {
      c.counters.memoHits++;
      return known;
    }
  }
  c.counters.memoMisses++;
  const list = new HeaderList(c.options.maxHeaderListSize);
  const fault = decoder.decode(input, start, end, list);
  if (fault !== "") {
    fail(c, ErrorCode.COMPRESSION_ERROR, fault);
    return undefined;
  }
  // Only a block that left the table as it found it means the same the next time.
  if (short && decoder.table.epoch === epoch && !list.oversized) memo.store(input, start, end, epoch, list);
  return list;
}
