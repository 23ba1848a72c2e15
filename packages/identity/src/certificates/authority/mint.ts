import { createPrivateKey, generateKeyPairSync, type KeyObject, randomBytes } from "node:crypto";
import { readCertificate } from "../x509/read-certificate.js";
import { authorityName, keyIdOf, publicKeyOf, writeCertificate } from "../x509/write-certificate.js";
import type { SigningAuthority } from "./authority-state.js";

/** Makes authorities' keys and certificates: what `advance` cannot decide. */
export interface Mint {
  root(trustDomain: string, notBefore: number, notAfter: number, signsFrom: number): SigningAuthority;
  intermediate(trustDomain: string, root: SigningAuthority, notBefore: number, notAfter: number): SigningAuthority;
}

/** Clocks may be apart; certificates hold a little earlier than they are made. SPIRE's value. */
export const backdateMs = 10_000;

export const mint: Mint = {
  root(trustDomain, notBefore, notAfter, signsFrom) {
    const key = newKey();
    const publicKey = publicKeyOf(key);
    const serial = newSerial();
    const name = authorityName("root", serial);
    const certificate = writeCertificate(
      {
        serial,
        issuer: name,
        subject: name,
        notBefore: notBefore - backdateMs,
        notAfter,
        publicKey,
        uri: `spiffe://${trustDomain}`,
        authority: { pathLength: 1 },
        authorityKeyId: keyIdOf(publicKey),
      },
      key,
    );
    return { ...keptOf(certificate, key), notBefore, notAfter, signsFrom };
  },
  intermediate(trustDomain, root, notBefore, notAfter) {
    const key = newKey();
    const serial = newSerial();
    const signer = privateKeyOf(root);
    const issuer = readCertificate(Buffer.from(root.certificate, "base64"));
    const certificate = writeCertificate(
      {
        serial,
        issuer: issuer.subject,
        subject: authorityName("intermediate", serial),
        notBefore: notBefore - backdateMs,
        notAfter,
        publicKey: publicKeyOf(key),
        uri: `spiffe://${trustDomain}`,
        authority: { pathLength: 0 },
        authorityKeyId: keyIdOf(publicKeyOf(signer)),
      },
      signer,
    );
    return { ...keptOf(certificate, key), notBefore, notAfter, signsFrom: notBefore, root: root.serial };
  },
};

function keptOf(certificate: Uint8Array, key: KeyObject): Pick<SigningAuthority, "serial" | "certificate" | "key"> {
  return {
    serial: readCertificate(certificate).serial,
    certificate: Buffer.from(certificate).toString("base64"),
    key: key.export({ type: "pkcs8", format: "der" }).toString("base64"),
  };
}

export function privateKeyOf({ key }: Pick<SigningAuthority, "key">): KeyObject {
  return createPrivateKey({ key: Buffer.from(key, "base64"), format: "der", type: "pkcs8" });
}

/** P-256: what every peer can check, and cheap to make. */
export function newKey(): KeyObject {
  return generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey;
}

/** 127 random bits (RFC 5280 and the CA/Browser Forum ask for 64), positive and not 0. */
export function newSerial(): Buffer {
  const serial = randomBytes(16);
  serial[0] = ((serial[0] as number) & 0x7f) | 0x40;
  return serial;
}
