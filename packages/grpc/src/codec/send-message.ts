import type { Connection, Stream } from "@sampan/h2";
import { compress } from "../wire/gzip.js";
import { prefixLength } from "../wire/message-reader.js";
import { keepEncoded } from "./message-codec.js";

/** Hot: one for the process, because the engine copies it at once. */
const prefix: Uint8Array = new Uint8Array(prefixLength);

/**
 * Sends what a codec has just encoded as one run of content. False means: wait for `onWritable`. Octets that the engine
 * could not send at once stay with it.
 */
export function sendMessage(
  connection: Connection,
  stream: Stream,
  octets: Uint8Array,
  gzip: boolean,
  end: boolean,
): boolean {
  const compressed = gzip ? compress(octets) : undefined;
  // Behind others it will be queued for certain, and a copy (a Buffer's slice is none) is smaller than the codec's buffer.
  const content = compressed ?? (stream.queuedBytes > 0 ? new Uint8Array(octets) : octets);
  const { length } = content;
  prefix[0] = compressed === undefined ? 0 : 1;
  prefix[1] = length >>> 24;
  prefix[2] = length >>> 16;
  prefix[3] = length >>> 8;
  prefix[4] = length;
  const open = connection.sendData(stream, content, end, prefix);
  if (content === octets && stream.queuedBytes > 0) keepEncoded();
  return open;
}
