import { signatureScheme } from "./canonical-request.js";

/** The parts of the header `x-sampan-signature`. */
export interface ParsedSignature {
  readonly keyId: string;
  readonly timestamp: string;
  readonly nonce: string;
  readonly bodyDigest: string;
  readonly signature: string;
}

/** Undefined for what is not of the form, each part once and in this order. */
export function parseSignature(header: string): ParsedSignature | undefined {
  if (header.length > maxLength) return undefined;
  const found = form.exec(header);
  if (found === null) return undefined;
  const [, keyId, timestamp, nonce, bodyDigest, signature] = found as unknown as string[];
  return { keyId, timestamp, nonce, bodyDigest, signature } as ParsedSignature;
}

const maxLength = 512;
const form = new RegExp(
  `^${signatureScheme} keyId=([A-Za-z0-9_.-]{1,64}),timestamp=([1-9]\\d{11,14}),nonce=([A-Za-z0-9_-]{16,64}),digest=([0-9a-f]{64}),signature=([0-9a-f]{64})$`,
);
