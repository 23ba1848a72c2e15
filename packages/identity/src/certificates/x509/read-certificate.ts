import { DerReader } from "../der/der-reader.js";
import { explicit, Tag } from "../der/der-writer.js";
import type { Certificate, SignedData } from "./certificate.js";
import { readExtensions } from "./read-extensions.js";

/** An SVID has below 1 KB; authorities of others, with RSA keys and many extensions, below 4. */
export const maxCertificateBytes = 16_384;
const version3 = 2;
const explicitTag = (n: number): number => explicit(n)[0] as number;

/** Reads a certificate of version 3 (RFC 5280). Checks its form and no more. Throws `CERTIFICATE_INVALID`. */
export function readCertificate(der: Uint8Array): Certificate {
  const reader = new DerReader(der, "certificate");
  if (der.length > maxCertificateBytes) throw reader.bad(`it has more than ${maxCertificateBytes} bytes`);
  const { body, signed } = readSigned(reader);
  const versionField = body.inside(explicitTag(0));
  if (Number.parseInt(versionField.positiveInteger(), 16) !== version3) throw reader.bad("it is not of version 3");
  versionField.end();
  const serial = body.positiveInteger();
  if (serial.length > 40) throw reader.bad("its serial number has more than 20 octets");
  if (algorithmOf(body) !== signed.algorithm) throw reader.bad("it names two signature algorithms");
  const issuer = body.read(Tag.sequence).whole;
  const validity = body.inside(Tag.sequence);
  const notBefore = validity.time();
  const notAfter = validity.time();
  validity.end();
  const subject = body.read(Tag.sequence).whole;
  const publicKey = body.read(Tag.sequence).whole;
  const extensions = readExtensions(body.inside(explicitTag(3)).inside(Tag.sequence));
  body.end();
  return { raw: der, signed, serial, issuer, subject, notBefore, notAfter, publicKey, ...extensions };
}

/** The outer form that certificates and revocation lists share; `body` reads what is signed. */
export function readSigned(reader: DerReader): { readonly body: DerReader; readonly signed: SignedData } {
  const outer = reader.inside(Tag.sequence);
  reader.end();
  const { whole, content } = outer.read(Tag.sequence);
  const algorithm = algorithmOf(outer);
  const signature = outer.bits();
  outer.end();
  return { body: reader.into(content), signed: { bytes: whole, algorithm, signature } };
}

/** The object id of an AlgorithmIdentifier; parameters may be absent or NULL, which is all that signatures here have. */
export function algorithmOf(reader: DerReader): string {
  const inner = reader.inside(Tag.sequence);
  const id = inner.oid();
  if (!inner.done && inner.read(Tag.null).content.length > 0) throw reader.bad("an algorithm has parameters");
  inner.end();
  return id;
}

/** A chain of certificates in DER, one behind the other; the Workload API sends them so. */
export function splitCertificates(bytes: Uint8Array): Uint8Array[] {
  const reader = new DerReader(bytes, "chain of certificates");
  const parts: Uint8Array[] = [];
  while (!reader.done) {
    if (parts.length === 64) throw reader.bad("it has more than 64 certificates");
    parts.push(reader.read(Tag.sequence).whole);
  }
  return parts;
}
