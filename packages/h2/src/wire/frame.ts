/**
 * Numbers of the HTTP/2 frame layer (RFC 9113 section 4.1, 6 and 7).
 *
 * Plain constants, because they are compared on every frame and an enum would not erase.
 */

/** Nine octets: length (24), type (8), flags (8), reserved bit and stream identifier (32). RFC 9113 section 4.1. */
export const FRAME_HEADER_LENGTH = 9;

/** Largest payload a peer may send before it has seen another SETTINGS_MAX_FRAME_SIZE. RFC 9113 section 4.2. */
export const DEFAULT_MAX_FRAME_SIZE = 16_384;

/**
 * Largest frame we send, whatever the peer allows: with its header it fills one TLS record (RFC 8446 section 5.1), four
 * fill one output buffer, and streams take turns in pieces of it.
 */
export const LARGEST_SENT_FRAME: number = DEFAULT_MAX_FRAME_SIZE - FRAME_HEADER_LENGTH;

/** Upper bound of SETTINGS_MAX_FRAME_SIZE. RFC 9113 section 6.5.2. */
export const LARGEST_MAX_FRAME_SIZE = 16_777_215;

/** Every window starts here until SETTINGS says otherwise. RFC 9113 section 6.9.2. */
export const DEFAULT_WINDOW = 65_535;

/** No window may grow above this. RFC 9113 section 6.9.1. */
export const MAX_WINDOW = 2_147_483_647;

/** Largest stream identifier (31 bits). RFC 9113 section 5.1.1. */
export const MAX_STREAM_ID = 2_147_483_647;

/** The first octets of every client connection. RFC 9113 section 3.4. */
export const CLIENT_PREFACE: Buffer = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "latin1");

export const DATA = 0x0;
export const HEADERS = 0x1;
export const PRIORITY = 0x2;
export const RST_STREAM = 0x3;
export const SETTINGS = 0x4;
export const PUSH_PROMISE = 0x5;
export const PING = 0x6;
export const GOAWAY = 0x7;
export const WINDOW_UPDATE = 0x8;
export const CONTINUATION = 0x9;

export const FLAG_ACK = 0x1;
export const FLAG_END_STREAM = 0x1;
export const FLAG_END_HEADERS = 0x4;
export const FLAG_PADDED = 0x8;
export const FLAG_PRIORITY = 0x20;
