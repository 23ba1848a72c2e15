import { ErrorCode } from "../wire/error-code.js";
import * as frame from "../wire/frame.js";
import { writeSettings } from "./control-frames.js";
import { fail } from "./ending.js";
import { chargeControl, checkControlQueue } from "./floods.js";
import { receiveGoaway, receivePing, receivePriority, receiveReset, receiveWindowUpdate } from "./receive-control.js";
import { receiveData } from "./receive-data.js";
import { receiveContinuation, receiveHeaders } from "./receive-headers.js";
import { receiveSettings } from "./receive-settings.js";
import { CLOSED, type ConnectionState } from "./state.js";

/** A frame of the default size. */
const SPARE_SIZE: number = frame.FRAME_HEADER_LENGTH + frame.DEFAULT_MAX_FRAME_SIZE;

/**
 * From octets to frames. Frames that lie completely in the input are handled in place; the rest of the input is carried
 * over, at most one frame. Handles at most `framesPerTurn` frames, so that one large read cannot keep the event loop;
 * the return value tells how far it came.
 */
export function receive(c: ConnectionState, input: Buffer, start: number, now: number): number {
  c.now = now;
  c.lastReadAt = now;
  const end = input.length;
  let at = start;
  let left = c.options.framesPerTurn;
  if (c.carry !== undefined) {
    at = fillCarry(c, input, at, end);
    left--;
  }
  if (c.prefaceDue && c.phase !== CLOSED && at < end) {
    at = takePreface(c, input, at, end);
    // Half a preface is no frame, though it may be longer than a frame's header.
    if (c.prefaceDue && at < end) {
      carryOver(c, input, at, end);
      return end;
    }
  }
  // Hot: nothing in this loop allocates.
  while (end - at >= frame.FRAME_HEADER_LENGTH && c.phase !== CLOSED && left > 0) {
    const length = ((input[at] as number) << 16) | ((input[at + 1] as number) << 8) | (input[at + 2] as number);
    if (length > c.options.maxFrameSize) {
      tooLong(c, length);
      break;
    }
    const next = at + frame.FRAME_HEADER_LENGTH + length;
    if (next > end) break;
    dispatch(c, input, at, length);
    at = next;
    left--;
  }
  if (c.phase === CLOSED) return end;
  checkControlQueue(c);
  if (left === 0 && at < end) return at;
  if (at < end) carryOver(c, input, at, end);
  return end;
}

function dispatch(c: ConnectionState, input: Buffer, at: number, length: number): boolean {
  const type = input[at + 3] as number;
  const flags = input[at + 4] as number;
  const id =
    (((input[at + 5] as number) & 0x7f) << 24) |
    ((input[at + 6] as number) << 16) |
    ((input[at + 7] as number) << 8) |
    (input[at + 8] as number);
  const start = at + frame.FRAME_HEADER_LENGTH;
  const end = start + length;
  if (c.blockStream !== 0) {
    if (type !== frame.CONTINUATION || id !== c.blockStream) {
      return fail(c, ErrorCode.PROTOCOL_ERROR, "frame inside a header block");
    }
    return receiveContinuation(c, input, start, end, flags);
  }
  if (!c.settingsReceived && (type !== frame.SETTINGS || (flags & frame.FLAG_ACK) !== 0)) {
    return fail(c, ErrorCode.PROTOCOL_ERROR, "first frame is not SETTINGS");
  }
  switch (type) {
    case frame.DATA:
      return receiveData(c, input, start, end, flags, id);
    case frame.HEADERS:
      return receiveHeaders(c, input, start, end, flags, id);
    case frame.WINDOW_UPDATE:
      return receiveWindowUpdate(c, input, start, length, id);
    case frame.RST_STREAM:
      return receiveReset(c, input, start, length, id);
    case frame.PING:
      return receivePing(c, input, start, length, flags, id);
    case frame.SETTINGS:
      return receiveSettings(c, input, start, end, flags, id);
    case frame.GOAWAY:
      return receiveGoaway(c, input, start, end, id);
    case frame.PRIORITY:
      return receivePriority(c, input, start, length, id);
    case frame.PUSH_PROMISE:
      return fail(c, ErrorCode.PROTOCOL_ERROR, "PUSH_PROMISE is disabled");
    case frame.CONTINUATION:
      return fail(c, ErrorCode.PROTOCOL_ERROR, "CONTINUATION without HEADERS");
    default:
      // RFC 9113 section 5.5: unknown types are ignored, but not for free.
      return chargeControl(c, 1);
  }
}

function tooLong(c: ConnectionState, length: number): void {
  fail(c, ErrorCode.FRAME_SIZE_ERROR, `frame of ${length} octets`);
}

/** Server: the client's first octets (RFC 9113 section 3.4). */
function takePreface(c: ConnectionState, input: Buffer, at: number, end: number): number {
  const { CLIENT_PREFACE } = frame;
  const available = Math.min(end - at, CLIENT_PREFACE.length);
  if (input.compare(CLIENT_PREFACE, 0, available, at, at + available) !== 0) {
    fail(c, ErrorCode.PROTOCOL_ERROR, "not an HTTP/2 preface");
    return end;
  }
  if (available < CLIENT_PREFACE.length) return at;
  c.prefaceDue = false;
  return at + available;
}

/**
 * A buffer for one frame that no connection carries now. Hot: large messages leave half a frame at the end of nearly
 * every read, and it is done with when the next read comes.
 */
let spare: Buffer | undefined;

function carryBuffer(size: number): Buffer {
  if (size > SPARE_SIZE || size * 2 < SPARE_SIZE) return Buffer.allocUnsafeSlow(size);
  const buffer = spare ?? Buffer.allocUnsafeSlow(SPARE_SIZE);
  spare = undefined;
  return buffer;
}

/** Keeps an incomplete frame. The buffer has room for the frame, so octets that trickle in are copied once. */
function carryOver(c: ConnectionState, input: Buffer, at: number, end: number): void {
  const length = end - at;
  c.carrySize = wanted(c, input, at, length);
  c.carry = carryBuffer(c.carrySize);
  c.carryLength = input.copy(c.carry, 0, at, end);
}

/** Octets of the preface, the frame header, or the whole frame, whichever is known. */
function wanted(c: ConnectionState, input: Buffer, at: number, length: number): number {
  if (c.prefaceDue) return frame.CLIENT_PREFACE.length;
  if (length < frame.FRAME_HEADER_LENGTH) return frame.FRAME_HEADER_LENGTH;
  return frame.FRAME_HEADER_LENGTH + input.readUIntBE(at, 3);
}

/** Completes the carried frame from `input` and handles it; returns where the input goes on. */
function fillCarry(c: ConnectionState, input: Buffer, start: number, end: number): number {
  let at = start;
  for (;;) {
    const carry = c.carry as Buffer;
    const copied = input.copy(carry, c.carryLength, at, Math.min(end, at + c.carrySize - c.carryLength));
    c.carryLength += copied;
    at += copied;
    if (c.carryLength < c.carrySize) {
      if (c.prefaceDue) takePreface(c, carry.subarray(0, c.carryLength), 0, c.carryLength);
      return at;
    }
    if (c.prefaceDue) {
      takePreface(c, carry, 0, c.carrySize);
      c.carry = undefined;
      return at;
    }
    const length = carry.readUIntBE(0, 3);
    if (length > c.options.maxFrameSize) {
      tooLong(c, length);
      return end;
    }
    const total = frame.FRAME_HEADER_LENGTH + length;
    if (c.carrySize === total) {
      c.carry = undefined;
      dispatch(c, carry, 0, length);
      if (carry.length === SPARE_SIZE) spare = carry;
      return at;
    }
    // Only the header was carried: make room for the frame it announces.
    const whole = carryBuffer(total);
    carry.copy(whole, 0, 0, c.carrySize);
    c.carry = whole;
    c.carrySize = total;
  }
}

/** What a side says first: the client its preface, both their SETTINGS. */
export function greet(c: ConnectionState): void {
  if (!c.server) {
    c.out.reserve(frame.CLIENT_PREFACE.length);
    c.out.length += frame.CLIENT_PREFACE.copy(c.out.bytes, c.out.length);
  }
  writeSettings(c);
}
