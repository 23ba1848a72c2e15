import assert from "node:assert/strict";
import type { Target } from "../target.js";
import { encodeBlocks, generateBlocks } from "./block-script.js";
import { decodeHere } from "./decoding.js";
import { Nghttp2Server } from "./nghttp2-server.js";

let other: Nghttp2Server | undefined;

/** The same blocks for our decoder and for nghttp2's: the same lists, and the table is lost for both or for neither. */
export const hpackDifferential: Target = {
  name: "hpack-differential",
  generate: generateBlocks,
  async run(steps) {
    const blocks = encodeBlocks(steps);
    other ??= new Nghttp2Server();
    const theirs = await other.decode(blocks);
    const ours = decodeHere(blocks);
    assert.equal(ours.broken, theirs.broken, `COMPRESSION_ERROR: ours ${ours.broken}, nghttp2's ${theirs.broken}`);
    // A request that only one of them delivers is malformed to the other, which is not HPACK's business.
    for (const [id, fields] of ours.lists) {
      const list = theirs.lists.get(id);
      if (list !== undefined) assert.deepEqual(printable(fields), list, `stream ${id}`);
    }
  },
  close() {
    other?.close();
    other = undefined;
  },
};

/** nghttp2 silently leaves out fields with control characters, which RFC 9113 section 8.2.1 lets pass but for three. */
function printable(fields: readonly string[]): string[] {
  const kept: string[] = [];
  for (let i = 0; i < fields.length; i += 2) {
    const value = fields[i + 1] as string;
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what it is about
    if (!/[\x00-\x08\x0a-\x1f\x7f]/.test(value)) kept.push(fields[i] as string, value);
  }
  return kept;
}
