import { createHash, timingSafeEqual } from "node:crypto";

/**
 * The vendor's signature of a push: sha1 over the texts in lexicographic order (by byte), joined. Over token, timestamp
 * and nonce for `signature`; over the encrypted text as well for `msg_signature`.
 */
export function pushSignature(...texts: readonly string[]): string {
  const sorted = texts.map((text) => Buffer.from(text, "utf8")).sort(Buffer.compare);
  return createHash("sha1").update(Buffer.concat(sorted)).digest("hex");
}

export function isPushSignature(given: string, ...texts: readonly string[]): boolean {
  const expected = Buffer.from(pushSignature(...texts), "utf8");
  const bytes = Buffer.from(given, "utf8");
  return bytes.length === expected.length && timingSafeEqual(bytes, expected);
}
