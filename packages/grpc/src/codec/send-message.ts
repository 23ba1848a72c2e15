import type { Connection, Stream } from "@sampan/h2";
import { compress } from "../wire/gzip.js";
import { prefixLength } from "../wire/message-reader.js";

/** Hot: one for the process, because the engine copies it at once. */
const prefix: Uint8Array = new Uint8Array(prefixLength);

/** Sends one message as one run of content; false means: wait for `onWritable`. */
export function sendMessage(connection: Connection, stream: Stream, octets: Uint8Array, gzip: boolean, end: boolean): boolean {
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
