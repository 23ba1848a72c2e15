/**
 * What a field name means to HTTP/2, decided once per literal (RFC 9113 sections 8.2 and 8.3).
 *
 * Numbers and not strings because the header list switches on them for every field it is given.
 */
export const FieldKind: {
  readonly REGULAR: 0;
  readonly INVALID: 1;
  readonly METHOD: 2;
  readonly SCHEME: 3;
  readonly AUTHORITY: 4;
  readonly PATH: 5;
  readonly STATUS: 6;
  readonly TE: 7;
  readonly CONTENT_LENGTH: 8;
  readonly HOST: 9;
} = Object.freeze({
  REGULAR: 0,
  INVALID: 1,
  METHOD: 2,
  SCHEME: 3,
  AUTHORITY: 4,
  PATH: 5,
  STATUS: 6,
  TE: 7,
  CONTENT_LENGTH: 8,
  HOST: 9,
});

/** Connection-specific fields are INVALID: they make a message malformed (RFC 9113 section 8.2.2). */
const special: ReadonlyMap<string, number> = new Map<string, number>([
  [":method", FieldKind.METHOD],
  [":scheme", FieldKind.SCHEME],
  [":authority", FieldKind.AUTHORITY],
  [":path", FieldKind.PATH],
  [":status", FieldKind.STATUS],
  ["te", FieldKind.TE],
  ["content-length", FieldKind.CONTENT_LENGTH],
  ["host", FieldKind.HOST],
  ["connection", FieldKind.INVALID],
  ["keep-alive", FieldKind.INVALID],
  ["proxy-connection", FieldKind.INVALID],
  ["transfer-encoding", FieldKind.INVALID],
  ["upgrade", FieldKind.INVALID],
]);

/** Token characters without upper case (RFC 9110 section 5.6.2, RFC 9113 section 8.2.1). */
const nameCharacter = new Uint8Array(256);
for (const character of "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyz") {
  nameCharacter[character.charCodeAt(0)] = 1;
}

export function kindOfName(name: string): number {
  const known = special.get(name);
  if (known !== undefined) return known;
  if (name.length === 0) return FieldKind.INVALID;
  for (let i = 0; i < name.length; i++) {
    const code = name.charCodeAt(i);
    if (code > 0xff || nameCharacter[code] === 0) return FieldKind.INVALID;
  }
  return FieldKind.REGULAR;
}

/** No NUL, LF or CR anywhere and no space or tab at either end (RFC 9113 section 8.2.1). */
export function valueIsClean(value: string): boolean {
  const length = value.length;
  if (length === 0) return true;
  for (let i = 0; i < length; i++) {
    const code = value.charCodeAt(i);
    if (code <= 13 && (code === 0 || code === 10 || code === 13)) return false;
  }
  const first = value.charCodeAt(0);
  const last = value.charCodeAt(length - 1);
  return first !== 32 && first !== 9 && last !== 32 && last !== 9;
}
