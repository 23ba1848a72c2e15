import { canonicalRequest, signatureHeader, signatureScheme } from "./canonical-request.js";

/** What a platform brings along; both give lower-case hex and take UTF-8 text. */
export interface SigningCrypto {
  sha256(text: string): string;
  hmacSha256(key: string, text: string): string;
}

export interface SigningKey {
  readonly id: string;
  /** As the login answered it. */
  readonly secret: string;
}

export interface RequestToSign {
  readonly method: string;
  readonly target: string;
  /** The body exactly as it is sent; empty when there is none. */
  readonly body: string;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** Drawn anew for each request, also for a retry. */
  readonly nonce: string;
}

/** The headers that sign a request. Pure, and without Node: time, randomness and cryptography are brought along. */
export function signRequest(
  request: RequestToSign,
  key: SigningKey,
  crypto: SigningCrypto,
): Readonly<Record<string, string>> {
  const method = request.method.toUpperCase();
  const bodyDigest = crypto.sha256(request.body);
  const { target, nonce } = request;
  const timestamp = String(request.now);
  const text = canonicalRequest({ method, target, bodyDigest, timestamp, nonce, keyId: key.id });
  const signature = crypto.hmacSha256(key.secret, text);
  const parts = { keyId: key.id, timestamp, nonce, digest: bodyDigest, signature };
  const fields = Object.entries(parts).map(([name, value]) => `${name}=${value}`);
  return { [signatureHeader]: `${signatureScheme} ${fields.join(",")}` };
}
