import { createHash, createHmac, randomBytes } from "node:crypto";
import { type SigningCrypto, type SigningKey, signRequest } from "@sampan/identity";

const nodeCrypto: SigningCrypto = {
  sha256: (text) => createHash("sha256").update(text).digest("hex"),
  hmacSha256: (key, text) => createHmac("sha256", key).update(text).digest("hex"),
};

/** The headers that sign a request, of now and with a nonce of its own. */
export function signatureHeaders(
  method: string,
  target: string,
  body: string,
  key: SigningKey,
): Readonly<Record<string, string>> {
  const nonce = randomBytes(16).toString("base64url");
  return signRequest({ method, target, body, now: Date.now(), nonce }, key, nodeCrypto);
}
