import assert from "node:assert/strict";
import type { HeaderList } from "@sampan/h2";
import { Endpoint } from "../engine/endpoint.js";
import { endHeaders, endStream, frame, preface, settings, type } from "../engine/wire.js";
import type { Step, Target } from "../target.js";
import { encodeBlocks, generateBlocks } from "./block-script.js";

/** What an endpoint has made of some blocks. */
export interface Decoded {
  /** The regular fields of requests that were delivered, by stream: name, value, name, value. */
  readonly lists: ReadonlyMap<number, readonly string[]>;
  /** The table was lost: COMPRESSION_ERROR. */
  readonly broken: boolean;
}

export function headersFrame(block: Buffer, index: number): Buffer {
  return frame(type.headers, endHeaders | endStream, 2 * index + 1, block);
}

/** Our decoder, through a server connection. */
export function decodeHere(blocks: readonly Buffer[]): Decoded {
  const lists = new Map<number, readonly string[]>();
  const counters: { closed: number } = { closed: 0 };
  const endpoint = new Endpoint(
    "server",
    { maxHeaderListSize: 65_536 },
    {
      onHeaders: (stream, list: HeaderList) => lists.set(stream.id, list.fields),
    },
  );
  endpoint.receive(Buffer.concat([preface, settings([]), frame(type.settings, 1, 0), ...blocks.map(headersFrame)]));
  counters.closed = goawayCode(endpoint.taken());
  endpoint.finish();
  return { lists, broken: counters.closed === 9 };
}

/** The code of the GOAWAY in some output, or -1. */
export function goawayCode(octets: Buffer): number {
  for (let at = 0; at + 9 <= octets.length; at += 9 + octets.readUIntBE(at, 3)) {
    if (octets[at + 3] === type.goaway && octets.length >= at + 17) return octets.readUInt32BE(at + 13);
  }
  return -1;
}

/** Any blocks: a list or an error, the same ones each time. */
export const hpack: Target = {
  name: "hpack",
  generate: generateBlocks,
  run(steps: readonly Step[]) {
    const blocks = encodeBlocks(steps);
    const once = decodeHere(blocks);
    for (const fields of once.lists.values()) {
      for (const text of fields) assert.ok(!/[\0\r\n]/.test(text), "a field could split a message");
    }
    assert.deepEqual(decodeHere(blocks), once, "the same octets mean the same");
  },
};
