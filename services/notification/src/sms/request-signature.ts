import { createHash, createHmac } from "node:crypto";

/** The headers of a signed request to the provider of short messages. */
export const smsHeaders = {
  keyId: "x-sms-key",
  /** Milliseconds since the epoch. */
  timestamp: "x-sms-timestamp",
  /** Never used twice. */
  nonce: "x-sms-nonce",
  /** HMAC-SHA-256 in hex. */
  signature: "x-sms-signature",
} as const;

/** Over five lines, each ended by a line feed: method, path, SHA-256 of the body in hex, timestamp, nonce. */
export function smsSignature(
  secret: string,
  request: { readonly path: string; readonly body: string; readonly timestamp: string; readonly nonce: string },
): string {
  const digest = createHash("sha256").update(request.body).digest("hex");
  const text = `POST\n${request.path}\n${digest}\n${request.timestamp}\n${request.nonce}\n`;
  return createHmac("sha256", secret).update(text).digest("hex");
}
