import { CertificateErrors } from "../certificate-errors.js";

export type PemLabel = "CERTIFICATE" | "PRIVATE KEY" | "X509 CRL";

/** RFC 7468: lines of 64 characters. */
export function pem(label: PemLabel, der: Uint8Array): string {
  const lines =
    Buffer.from(der)
      .toString("base64")
      .match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join("\n")}\n-----END ${label}-----\n`;
}

const block = /-----BEGIN ([A-Z0-9 ]+)-----\s*([A-Za-z0-9+/=\s]*?)-----END \1-----/g;

/** Every block of a label in a text, in order; what stands around them is passed over. Throws `CERTIFICATE_INVALID`. */
export function readPem(label: PemLabel, text: string): Uint8Array[] {
  const found: Uint8Array[] = [];
  for (const [, name, body = ""] of text.matchAll(block)) {
    if (name === label) found.push(Buffer.from(body.replace(/\s+/g, ""), "base64"));
  }
  if (found.length > 0) return found;
  throw CertificateErrors.CERTIFICATE_INVALID({ what: "PEM text", why: `it has no block ${label}` });
}
