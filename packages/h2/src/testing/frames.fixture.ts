import { HpackEncoder } from "../hpack/encoder.js";
import * as wire from "../wire/frame.js";

/** Frames as tests write and read them. */
export interface Frame {
  readonly type: number;
  readonly flags: number;
  readonly id: number;
  readonly payload: Buffer;
}

export function frame(type: number, flags: number, id: number, payload: Uint8Array = Buffer.alloc(0)): Buffer {
  const header = Buffer.alloc(9);
  header.writeUIntBE(payload.length, 0, 3);
  header[3] = type;
  header[4] = flags;
  header.writeUInt32BE(id >>> 0, 5);
  return Buffer.concat([header, payload]);
}

function uint32(...values: number[]): Buffer {
  const out = Buffer.alloc(values.length * 4);
  for (const [i, value] of values.entries()) out.writeUInt32BE(value >>> 0, i * 4);
  return out;
}

export function settings(...pairs: [number, number][]): Buffer {
  const payload = Buffer.alloc(pairs.length * 6);
  pairs.forEach(([id, value], i) => {
    payload.writeUInt16BE(id, i * 6);
    payload.writeUInt32BE(value, i * 6 + 2);
  });
  return frame(wire.SETTINGS, 0, 0, payload);
}

export const settingsAck: Buffer = frame(wire.SETTINGS, wire.FLAG_ACK, 0);

export function block(encoder: HpackEncoder, fields: readonly string[]): Buffer {
  const out = Buffer.alloc(HpackEncoder.room(fields));
  return out.subarray(0, encoder.encode(fields, out, 0));
}

/** A block that leaves every table alone. */
export function literalBlock(fields: readonly string[]): Buffer {
  const out = Buffer.alloc(HpackEncoder.room(fields));
  return out.subarray(0, new HpackEncoder(0).encodeUnique(fields, out, 0));
}

export function headers(id: number, fields: readonly string[], end = false): Buffer {
  const flags = wire.FLAG_END_HEADERS | (end ? wire.FLAG_END_STREAM : 0);
  return frame(wire.HEADERS, flags, id, literalBlock(fields));
}

export function data(id: number, content: Uint8Array | string, end = false): Buffer {
  return frame(wire.DATA, end ? wire.FLAG_END_STREAM : 0, id, Buffer.from(content as string));
}

export function reset(id: number, code: number): Buffer {
  return frame(wire.RST_STREAM, 0, id, uint32(code));
}

export function windowUpdate(id: number, increment: number): Buffer {
  return frame(wire.WINDOW_UPDATE, 0, id, uint32(increment));
}

export function ping(text = "12345678", ack = false): Buffer {
  return frame(wire.PING, ack ? wire.FLAG_ACK : 0, 0, Buffer.from(text));
}

export function goaway(last: number, code: number, text = ""): Buffer {
  return frame(wire.GOAWAY, 0, 0, Buffer.concat([uint32(last, code), Buffer.from(text)]));
}

/** Cuts octets into frames; they must be complete. */
export function parse(octets: Buffer): Frame[] {
  const frames: Frame[] = [];
  let at = 0;
  while (at < octets.length) {
    const length = octets.readUIntBE(at, 3);
    frames.push({
      type: octets[at + 3] as number,
      flags: octets[at + 4] as number,
      id: octets.readUInt32BE(at + 5) & 0x7fff_ffff,
      payload: octets.subarray(at + 9, at + 9 + length),
    });
    at += 9 + length;
    if (at > octets.length) throw new Error("output ends inside a frame");
  }
  return frames;
}

export const requestFields: readonly string[] = [
  ":method",
  "POST",
  ":scheme",
  "http",
  ":path",
  "/shop.v1.Order/Create",
  ":authority",
  "shop",
  "te",
  "trailers",
];
