import { createHash, createPublicKey, type KeyObject } from "node:crypto";
import { DerReader } from "../der/der-reader.js";
import {
  bitString,
  boolean,
  element,
  explicit,
  implicit,
  integer,
  namedBits,
  octetString,
  oid,
  printableString,
  sequence,
  setOf,
  Tag,
  time,
} from "../der/der-writer.js";
import { Oid } from "../der/object-ids.js";
import { KeyUsageBit } from "./certificate.js";
import { signatureAlgorithm, signWith } from "./signatures.js";

/** What a certificate shall say. Times are ms since the epoch and are cut to the second. */
export interface CertificateContent {
  /** Positive and at most 20 octets. */
  readonly serial: Uint8Array;
  /** Names in DER. */
  readonly issuer: Uint8Array;
  readonly subject: Uint8Array;
  readonly notBefore: number;
  readonly notAfter: number;
  readonly publicKey: KeyObject;
  readonly uri: string;
  readonly dnsNames?: readonly string[];
  /** An authority with so many intermediates below it; otherwise a leaf. */
  readonly authority?: { readonly pathLength: number };
  /** Of the signer; its own for a root. */
  readonly authorityKeyId: Uint8Array;
}

/**
 * Signs a certificate of the X509-SVID profile: an authority that signs certificates and revocation lists, or a leaf
 * that signs handshakes and no more. The alternative name is critical when there is no subject (RFC 5280, 4.1.2.6).
 */
export function writeCertificate(content: CertificateContent, signer: KeyObject): Buffer {
  const { authority } = content;
  const subjectAltName = sequence(
    implicit(6, Buffer.from(content.uri, "latin1")),
    ...(content.dnsNames ?? []).map((name) => implicit(2, Buffer.from(name, "latin1"))),
  );
  const usage =
    authority === undefined ? [KeyUsageBit.digitalSignature] : [KeyUsageBit.keyCertSign, KeyUsageBit.crlSign];
  const isNameless = content.subject.length === emptyName.length;
  const extensions = [
    extension(Oid.keyUsage, namedBits(usage), true),
    ...(authority === undefined
      ? [
          extension(Oid.extendedKeyUsage, sequence(oid(Oid.serverAuth), oid(Oid.clientAuth))),
          extension(Oid.basicConstraints, sequence(), true),
        ]
      : [extension(Oid.basicConstraints, sequence(boolean(true), integer(authority.pathLength)), true)]),
    extension(Oid.subjectKeyIdentifier, octetString(keyIdOf(content.publicKey))),
    extension(Oid.authorityKeyIdentifier, sequence(implicit(0, content.authorityKeyId))),
    extension(Oid.subjectAltName, subjectAltName, isNameless),
  ];
  const body = sequence(
    explicit(0, integer(2)),
    integer(content.serial),
    signatureAlgorithm,
    content.issuer,
    sequence(time(content.notBefore), time(content.notAfter)),
    content.subject,
    content.publicKey.export({ type: "spki", format: "der" }),
    explicit(3, sequence(...extensions)),
  );
  return sequence(body, signatureAlgorithm, bitString(signWith(signer, body)));
}

export function extension(id: string, value: Uint8Array, critical = false): Buffer {
  return sequence(oid(id), ...(critical ? [boolean(true)] : []), octetString(value));
}

/** No subject: the id is in the alternative names, and there alone. */
export const emptyName: Uint8Array = sequence();

/** `O=Sampan, CN=<role>, serialNumber=<serial>`: different for each authority, so that issuers are found by name. */
export function authorityName(role: string, serial: Uint8Array): Buffer {
  const attribute = (id: string, value: Uint8Array): Buffer => setOf(sequence(oid(id), value));
  return sequence(
    attribute(Oid.organization, printableString("Sampan")),
    attribute(Oid.commonName, element(Tag.utf8String, Buffer.from(role, "utf8"))),
    attribute(Oid.serialNumber, printableString(Buffer.from(serial).toString("hex"))),
  );
}

/** SHA-1 of the public key's bits: a name and no protection (RFC 5280, 4.2.1.2, method 1). */
export function keyIdOf(publicKey: KeyObject): Buffer {
  const spki = publicKey.export({ type: "spki", format: "der" });
  const outer = new DerReader(spki, "public key").inside(Tag.sequence);
  outer.read(Tag.sequence);
  return createHash("sha1").update(outer.bits()).digest();
}

/** The public half. */
export function publicKeyOf(privateKey: KeyObject): KeyObject {
  return createPublicKey(privateKey);
}
