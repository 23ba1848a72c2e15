/*
 * What a client signs. No imports: the same file serves a mini program, which has no Node.
 */

/** A request, as both sides know it. */
export interface SignedRequest {
  /** Upper case. */
  readonly method: string;
  /** As it is sent, with the query: `/v1/orders?page_size=5`. */
  readonly target: string;
  /** SHA-256 of the body's bytes, lower-case hex; of no bytes when there is no body. */
  readonly bodyDigest: string;
  /** Milliseconds since the epoch, decimal. */
  readonly timestamp: string;
  /** 16 to 64 letters, digits, `-` and `_`; never used twice with the same key. */
  readonly nonce: string;
  readonly keyId: string;
}

/** The header that carries a signature, and the name of this way of signing. */
export const signatureHeader = "x-sampan-signature";
export const signatureScheme = "SAMPAN1-HMAC-SHA256";

/**
 * Seven lines, each ended by a line feed, none of which can hold one: the scheme, method, target, body digest, timestamp,
 * nonce, key id. The signature is HMAC-SHA-256 over their UTF-8 bytes, lower-case hex.
 */
export function canonicalRequest(request: SignedRequest): string {
  const { method, target, bodyDigest, timestamp, nonce, keyId } = request;
  const lines = [signatureScheme, method, target, bodyDigest, timestamp, nonce, keyId];
  if (lines.some((line) => /[\r\n]/.test(line))) throw new TypeError("a part of a signed request has a line feed");
  return `${lines.join("\n")}\n`;
}
