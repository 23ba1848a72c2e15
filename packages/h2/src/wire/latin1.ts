/**
 * Octets to strings and back, one octet a character.
 *
 * Hot: Node's own methods behind `toString("latin1")` and `write(text, "latin1")`, without the argument handling that
 * costs more than the copy for strings as short as headers are. They are on every Buffer of every supported version,
 * but not in the type declarations.
 */
interface Latin1Buffer {
  latin1Slice(start: number, end: number): string;
  latin1Write(text: string, at: number, length: number): number;
}

export function readLatin1(buffer: Buffer, start: number, end: number): string {
  return (buffer as unknown as Latin1Buffer).latin1Slice(start, end);
}

/** Returns the position after the text. */
export function writeLatin1(buffer: Buffer, text: string, at: number): number {
  // Short strings are cheaper octet by octet than through a call into C++.
  if (text.length > 24) return at + (buffer as unknown as Latin1Buffer).latin1Write(text, at, text.length);
  for (let i = 0; i < text.length; i++) buffer[at + i] = text.charCodeAt(i);
  return at + text.length;
}
