/**
 * Values of `-bin` metadata: base64, written without padding and read with or without it (gRPC over HTTP/2,
 * "Binary-Header").
 */
const alphabet = /^[0-9A-Za-z+/_-]*={0,2}$/;

export function encodeBinary(bytes: Uint8Array): string {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64");
  const padding = text.indexOf("=");
  return padding < 0 ? text : text.slice(0, padding);
}

/** One value; undefined when it is not base64. */
export function decodeBinary(text: string): Uint8Array | undefined {
  if (!alphabet.test(text)) return undefined;
  const unpadded = text.indexOf("=");
  const digits = unpadded < 0 ? text.length : unpadded;
  if (digits % 4 === 1) return undefined;
  // Its own memory: Buffer.from may lend a slice of the shared pool.
  return new Uint8Array(Buffer.from(text, "base64"));
}
