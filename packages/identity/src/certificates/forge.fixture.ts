import type { KeyObject } from "node:crypto";
import { newKey, newSerial } from "./authority/mint.js";
import {
  bitString,
  boolean,
  explicit,
  implicit,
  integer,
  namedBits,
  octetString,
  oid,
  sequence,
  time,
} from "./der/der-writer.js";
import { Oid } from "./der/object-ids.js";
import { readCertificate } from "./x509/read-certificate.js";
import { signatureAlgorithm, signWith } from "./x509/signatures.js";
import { authorityName, emptyName, extension, keyIdOf, publicKeyOf } from "./x509/write-certificate.js";

/** A certificate and its key, to sign others with. */
export interface Forged {
  readonly der: Buffer;
  readonly key: KeyObject;
}

/** What a forged certificate says; everything else is as in a good one. */
export interface Forgery {
  readonly signer?: Forged;
  readonly uris?: readonly string[];
  readonly dnsNames?: readonly string[];
  readonly authority?: boolean;
  readonly pathLength?: number;
  /** Bits; undefined in the object leaves the extension out. */
  readonly keyUsage?: readonly number[] | undefined;
  readonly keyUsageCritical?: boolean;
  readonly purposes?: readonly string[] | undefined;
  readonly notBefore: number;
  readonly notAfter: number;
  readonly more?: readonly Uint8Array[];
  readonly key?: KeyObject;
  readonly serial?: Uint8Array;
}

/** Makes whatever is asked for, right or wrong. Without a signer it signs itself. */
export function forge(forgery: Forgery): Forged {
  const {
    signer,
    uris = [],
    dnsNames = [],
    authority = false,
    pathLength,
    keyUsageCritical = true,
    more = [],
  } = forgery;
  const key = forgery.key ?? newKey();
  const serial = forgery.serial ?? newSerial();
  const subject = authority ? authorityName("forged", serial) : emptyName;
  const keyUsage = "keyUsage" in forgery ? forgery.keyUsage : authority ? [5, 6] : [0];
  const purposes = "purposes" in forgery ? forgery.purposes : authority ? undefined : [Oid.serverAuth, Oid.clientAuth];
  const names = [
    ...uris.map((uri) => implicit(6, Buffer.from(uri))),
    ...dnsNames.map((name) => implicit(2, Buffer.from(name))),
  ];
  const basic = authority ? [boolean(true), ...(pathLength === undefined ? [] : [integer(pathLength)])] : [];
  const body = sequence(
    explicit(0, integer(2)),
    integer(serial),
    signatureAlgorithm,
    signer === undefined ? subject : readCertificate(signer.der).subject,
    sequence(time(forgery.notBefore), time(forgery.notAfter)),
    subject,
    publicKeyOf(key).export({ type: "spki", format: "der" }),
    explicit(
      3,
      sequence(
        ...(keyUsage === undefined ? [] : [extension(Oid.keyUsage, namedBits(keyUsage), keyUsageCritical)]),
        ...(purposes === undefined ? [] : [extension(Oid.extendedKeyUsage, sequence(...purposes.map(oid)))]),
        extension(Oid.basicConstraints, sequence(...basic), true),
        extension(Oid.subjectKeyIdentifier, octetString(keyIdOf(publicKeyOf(key)))),
        extension(Oid.authorityKeyIdentifier, sequence(implicit(0, keyIdOf(publicKeyOf(signer?.key ?? key))))),
        ...(names.length === 0 ? [] : [extension(Oid.subjectAltName, sequence(...names), true)]),
        ...more,
      ),
    ),
  );
  return { der: sequence(body, signatureAlgorithm, bitString(signWith(signer?.key ?? key, body))), key };
}
