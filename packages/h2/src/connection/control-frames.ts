import { ErrorCode } from "../wire/error-code.js";
import { FLAG_ACK, FRAME_HEADER_LENGTH, GOAWAY, PING, RST_STREAM, SETTINGS, WINDOW_UPDATE } from "../wire/frame.js";
import { putBytes, putFrameHeader, putUint32 } from "../wire/frame-writer.js";
import { encodeSettings, initialSettings } from "../wire/settings.js";
import type { ConnectionState } from "./state.js";

/**
 * Writers of the frames that carry no content. They are counted in `out.control`, because a peer that provokes them
 * without reading must not make the queue grow: the receive loop closes the connection above `controlQueueLimit`.
 */
export function writeSettings(c: ConnectionState): void {
  const { options } = c;
  const settings = initialSettings();
  settings.headerTableSize = options.headerTableSize;
  settings.initialWindowSize = options.streamWindow;
  settings.maxFrameSize = options.maxFrameSize;
  settings.maxHeaderListSize = options.maxHeaderListSize;
  if (c.server) settings.maxConcurrentStreams = options.maxConcurrentStreams;
  else settings.enablePush = false;
  const payload = encodeSettings(settings);
  begin(c, payload.length, SETTINGS, 0, 0);
  putBytes(c.out, payload, 0, payload.length);
}

export function writeSettingsAck(c: ConnectionState): void {
  begin(c, 0, SETTINGS, FLAG_ACK, 0);
}

/** Opaque data of the PING that ends the first step of a drain, and of keepalive. */
export const DRAIN_PING: Buffer = Buffer.from("sampan-d", "latin1");
export const KEEPALIVE_PING: Buffer = Buffer.from("sampan-k", "latin1");

export function writePing(c: ConnectionState, flags: number, from: Uint8Array, start: number): void {
  begin(c, 8, PING, flags, 0);
  putBytes(c.out, from, start, start + 8);
}

export function writeReset(c: ConnectionState, stream: number, code: number): void {
  c.counters.resetsSent++;
  begin(c, 4, RST_STREAM, 0, stream);
  putUint32(c.out, code);
}

export function writeWindowUpdate(c: ConnectionState, stream: number, increment: number): void {
  begin(c, 4, WINDOW_UPDATE, 0, stream);
  putUint32(c.out, increment);
}

export function writeGoaway(c: ConnectionState, last: number, code: number, text: string): void {
  if (code !== ErrorCode.NO_ERROR || last !== c.goawayLast) c.counters.goawaysSent++;
  // The last id never rises (RFC 9113 section 6.8).
  c.goawayLast = Math.min(c.goawayLast, last);
  const debug = Buffer.from(text, "latin1");
  begin(c, 8 + debug.length, GOAWAY, 0, 0);
  putUint32(c.out, c.goawayLast);
  putUint32(c.out, code);
  putBytes(c.out, debug, 0, debug.length);
}

function begin(c: ConnectionState, length: number, type: number, flags: number, stream: number): void {
  const { out } = c;
  out.reserve(FRAME_HEADER_LENGTH + length);
  out.control += FRAME_HEADER_LENGTH + length;
  putFrameHeader(out, length, type, flags, stream);
}
