/**
 * Frames as a peer writes and reads them (RFC 9113 section 4), on its own and not with the engine's code, so that a
 * mistake there is not made here too.
 */
export interface Frame {
  readonly type: number;
  readonly flags: number;
  readonly id: number;
  readonly payload: Buffer;
}

export const type = {
  data: 0,
  headers: 1,
  priority: 2,
  reset: 3,
  settings: 4,
  pushPromise: 5,
  ping: 6,
  goaway: 7,
  windowUpdate: 8,
  continuation: 9,
} as const;

/** END_STREAM, and ACK of SETTINGS and PING. */
export const endStream = 0x1;
export const ack = 0x1;
export const endHeaders = 0x4;

export const preface: Buffer = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "latin1");

export function frame(kind: number, flags: number, id: number, payload: Uint8Array = Buffer.alloc(0)): Buffer {
  const header = Buffer.alloc(9);
  header.writeUIntBE(payload.length, 0, 3);
  header[3] = kind;
  header[4] = flags;
  header.writeUInt32BE(id >>> 0, 5);
  return Buffer.concat([header, payload]);
}

export function uint32(...values: readonly number[]): Buffer {
  const out = Buffer.alloc(values.length * 4);
  for (const [i, value] of values.entries()) out.writeUInt32BE(value >>> 0, i * 4);
  return out;
}

export function settings(pairs: readonly (readonly [number, number])[]): Buffer {
  const payload = Buffer.alloc(pairs.length * 6);
  for (const [i, [id, value]] of pairs.entries()) {
    payload.writeUInt16BE(id & 0xffff, i * 6);
    payload.writeUInt32BE(value >>> 0, i * 6 + 2);
  }
  return frame(type.settings, 0, 0, payload);
}

/** A header block of literals that leaves the compression table alone (RFC 7541 section 6.2.2). */
export function literals(fields: readonly string[]): Buffer {
  const parts: Buffer[] = [];
  for (let i = 0; i < fields.length; i += 2) {
    parts.push(Buffer.of(0), text(fields[i] as string), text(fields[i + 1] as string));
  }
  return Buffer.concat(parts);
}

function text(value: string): Buffer {
  const octets = Buffer.from(value, "latin1");
  const { length } = octets;
  if (length < 127) return Buffer.concat([Buffer.of(length), octets]);
  const rest = length - 127;
  if (rest < 128) return Buffer.concat([Buffer.of(127, rest), octets]);
  return Buffer.concat([Buffer.of(127, (rest & 127) | 128, rest >> 7), octets]);
}

/** Cuts octets into frames. Throws when they end inside one. */
export function parseFrames(octets: Buffer): Frame[] {
  const frames: Frame[] = [];
  for (let at = 0; at < octets.length; ) {
    if (octets.length - at < 9) throw new Error("the output ends inside a frame header");
    const end = at + 9 + octets.readUIntBE(at, 3);
    if (end > octets.length) throw new Error("the output ends inside a frame");
    const id = octets.readUInt32BE(at + 5);
    frames.push({
      type: octets[at + 3] as number,
      flags: octets[at + 4] as number,
      id,
      payload: octets.subarray(at + 9, end),
    });
    at = end;
  }
  return frames;
}
