/**
 * Error codes carried by RST_STREAM and GOAWAY (RFC 9113 section 7).
 *
 * A frozen record and not an enum: the numbers are wire values and unknown ones are legal.
 */
export const ErrorCode: {
  readonly NO_ERROR: 0;
  readonly PROTOCOL_ERROR: 1;
  readonly INTERNAL_ERROR: 2;
  readonly FLOW_CONTROL_ERROR: 3;
  readonly SETTINGS_TIMEOUT: 4;
  readonly STREAM_CLOSED: 5;
  readonly FRAME_SIZE_ERROR: 6;
  readonly REFUSED_STREAM: 7;
  readonly CANCEL: 8;
  readonly COMPRESSION_ERROR: 9;
  readonly CONNECT_ERROR: 10;
  readonly ENHANCE_YOUR_CALM: 11;
  readonly INADEQUATE_SECURITY: 12;
  readonly HTTP_1_1_REQUIRED: 13;
} = Object.freeze({
  NO_ERROR: 0,
  PROTOCOL_ERROR: 1,
  INTERNAL_ERROR: 2,
  FLOW_CONTROL_ERROR: 3,
  SETTINGS_TIMEOUT: 4,
  STREAM_CLOSED: 5,
  FRAME_SIZE_ERROR: 6,
  REFUSED_STREAM: 7,
  CANCEL: 8,
  COMPRESSION_ERROR: 9,
  CONNECT_ERROR: 10,
  ENHANCE_YOUR_CALM: 11,
  INADEQUATE_SECURITY: 12,
  HTTP_1_1_REQUIRED: 13,
});

const names: ReadonlyMap<number, string> = new Map(Object.entries(ErrorCode).map(([name, code]) => [code, name]));

/** The registered name, or `UNKNOWN(n)` for codes this version does not know. */
export function errorCodeName(code: number): string {
  return names.get(code) ?? `UNKNOWN(${code})`;
}
