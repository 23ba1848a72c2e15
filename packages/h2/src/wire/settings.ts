import { ErrorCode } from "./error-code.js";
import { DEFAULT_MAX_FRAME_SIZE, DEFAULT_WINDOW, LARGEST_MAX_FRAME_SIZE, MAX_WINDOW } from "./frame.js";

/**
 * The settings of one side of a connection (RFC 9113 section 6.5.2). Mutable in place: the engine keeps one record
 * for itself and one for its peer, both start at the values that hold before any SETTINGS frame was seen.
 */
export interface Settings {
  headerTableSize: number;
  enablePush: boolean;
  maxConcurrentStreams: number;
  initialWindowSize: number;
  maxFrameSize: number;
  maxHeaderListSize: number;
}

const SETTING_HEADER_TABLE_SIZE = 0x1;
export const SETTING_ENABLE_PUSH = 0x2;
const SETTING_MAX_CONCURRENT_STREAMS = 0x3;
const SETTING_INITIAL_WINDOW_SIZE = 0x4;
const SETTING_MAX_FRAME_SIZE = 0x5;
const SETTING_MAX_HEADER_LIST_SIZE = 0x6;

/** The values before SETTINGS (RFC 9113 section 6.5.2; header table size: RFC 7541 section 4.2 and RFC 9113 4.3.1). */
export function initialSettings(): Settings {
  return {
    headerTableSize: 4096,
    enablePush: true,
    maxConcurrentStreams: Number.POSITIVE_INFINITY,
    initialWindowSize: DEFAULT_WINDOW,
    maxFrameSize: DEFAULT_MAX_FRAME_SIZE,
    maxHeaderListSize: Number.POSITIVE_INFINITY,
  };
}

/**
 * Applies one parameter. Returns the error code the connection must end with, or NO_ERROR. Unknown identifiers are
 * ignored (RFC 9113 section 6.5.2).
 */
export function applySetting(settings: Settings, id: number, value: number): number {
  switch (id) {
    case SETTING_HEADER_TABLE_SIZE:
      settings.headerTableSize = value;
      break;
    case SETTING_ENABLE_PUSH:
      if (value > 1) return ErrorCode.PROTOCOL_ERROR;
      settings.enablePush = value === 1;
      break;
    case SETTING_MAX_CONCURRENT_STREAMS:
      settings.maxConcurrentStreams = value;
      break;
    case SETTING_INITIAL_WINDOW_SIZE:
      if (value > MAX_WINDOW) return ErrorCode.FLOW_CONTROL_ERROR;
      settings.initialWindowSize = value;
      break;
    case SETTING_MAX_FRAME_SIZE:
      if (value < DEFAULT_MAX_FRAME_SIZE || value > LARGEST_MAX_FRAME_SIZE) return ErrorCode.PROTOCOL_ERROR;
      settings.maxFrameSize = value;
      break;
    case SETTING_MAX_HEADER_LIST_SIZE:
      settings.maxHeaderListSize = value;
      break;
    default:
      break;
  }
  return ErrorCode.NO_ERROR;
}

/** The parameters in which `settings` differs from the initial values, as a SETTINGS payload. */
export function encodeSettings(settings: Settings): Buffer {
  const initial = initialSettings();
  const pairs: [number, number][] = [];
  const add = (id: number, value: number, usual: number): void => {
    if (value !== usual) pairs.push([id, value]);
  };
  add(SETTING_HEADER_TABLE_SIZE, settings.headerTableSize, initial.headerTableSize);
  add(SETTING_ENABLE_PUSH, settings.enablePush ? 1 : 0, 1);
  add(SETTING_MAX_CONCURRENT_STREAMS, settings.maxConcurrentStreams, initial.maxConcurrentStreams);
  add(SETTING_INITIAL_WINDOW_SIZE, settings.initialWindowSize, initial.initialWindowSize);
  add(SETTING_MAX_FRAME_SIZE, settings.maxFrameSize, initial.maxFrameSize);
  add(SETTING_MAX_HEADER_LIST_SIZE, settings.maxHeaderListSize, initial.maxHeaderListSize);
  const payload = Buffer.alloc(pairs.length * 6);
  pairs.forEach(([id, value], index) => {
    payload.writeUInt16BE(id, index * 6);
    payload.writeUInt32BE(value, index * 6 + 2);
  });
  return payload;
}
