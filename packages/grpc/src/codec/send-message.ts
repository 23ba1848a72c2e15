import type { Connection, Stream } from "@sampan/h2";
import { compress } from "../wire/gzip.js";
import { prefixLength } from "../wire/message-reader.js";
import { type Encoded, writer } from "./wire-writer.js";

/** Hot: one for the process, because the engine copies it at once. */
const prefix: Uint8Array = new Uint8Array(prefixLength);

/**
 * Sends what a codec has just encoded as one run of content. False means: wait for `onWritable`. Octets that the engine
 * could not send at once stay with it.
 */
export function sendMessage(
  connection: Connection,
  stream: Stream,
  encoded: Encoded,
  gzip: boolean,
  end: boolean,
): boolean {
  if (gzip || encoded !== writer) return sendOctets(connection, stream, encoded.copy(), gzip, end);
  writer.closePrefix();
  const pieces = writer.pieces();
  const open =
    pieces === 1 ? connection.sendData(stream, writer.piece(0), end) : sendPieces(connection, stream, pieces, end);
  if (stream.queuedBytes > 0) writer.keep();
  return open;
}

/** Sends a message that is nobody's any more. */
export function sendOctets(
  connection: Connection,
  stream: Stream,
  octets: Uint8Array,
  gzip: boolean,
  end: boolean,
): boolean {
  const compressed = gzip ? compress(octets) : undefined;
  const content = compressed ?? octets;
  const { length } = content;
  prefix[0] = compressed === undefined ? 0 : 1;
  prefix[1] = length >>> 24;
  prefix[2] = length >>> 16;
  prefix[3] = length >>> 8;
  prefix[4] = length;
  return connection.sendData(stream, content, end, prefix);
}

/** The engine's leads are short. */
const longestLead = 64;

/** What is between two large fields goes in front of the second, so that it needs no frame of its own. */
function sendPieces(connection: Connection, stream: Stream, pieces: number, end: boolean): boolean {
  let open = true;
  for (let i = 0; i < pieces; i += 2) {
    const own = writer.piece(i);
    const last = i + 1 === pieces;
    if (last) return own.length === 0 && !end ? open : connection.sendData(stream, own, end);
    const lead = own.length <= longestLead ? own : undefined;
    if (lead === undefined) connection.sendData(stream, own, false);
    const ends = end && i + 3 === pieces && writer.piece(i + 2).length === 0;
    open = connection.sendData(stream, writer.piece(i + 1), ends, lead);
    if (ends) return open;
  }
  return open;
}
