import { createPublicKey, type KeyObject, sign, verify } from "node:crypto";
import { oid, sequence } from "../der/der-writer.js";
import { Oid } from "../der/object-ids.js";
import type { SignedData } from "./certificate.js";

interface Algorithm {
  readonly hash: string | null;
  readonly keyType: "ec" | "rsa" | "ed25519";
}

/** What is accepted: ours signs with the first; other SPIFFE authorities use the rest. No SHA-1. */
const algorithms: ReadonlyMap<string, Algorithm> = new Map([
  [Oid.ecdsaWithSha256, { hash: "sha256", keyType: "ec" }],
  ["1.2.840.10045.4.3.3", { hash: "sha384", keyType: "ec" }],
  ["1.2.840.10045.4.3.4", { hash: "sha512", keyType: "ec" }],
  ["1.2.840.113549.1.1.11", { hash: "sha256", keyType: "rsa" }],
  ["1.2.840.113549.1.1.12", { hash: "sha384", keyType: "rsa" }],
  ["1.2.840.113549.1.1.13", { hash: "sha512", keyType: "rsa" }],
  ["1.3.101.112", { hash: null, keyType: "ed25519" }],
]);
/** NIST SP 800-131A. */
const leastRsaBits = 2048;

/** The AlgorithmIdentifier of what `signWith` makes. */
export const signatureAlgorithm: Uint8Array = sequence(oid(Oid.ecdsaWithSha256));

/** ECDSA with SHA-256; the key is one of P-256. */
export function signWith(key: KeyObject, bytes: Uint8Array): Buffer {
  return sign("sha256", bytes, { key, dsaEncoding: "der" });
}

/** Whether the key (SubjectPublicKeyInfo) has made the signature. False also for algorithms and keys that are too weak. */
export function isSignedBy(publicKey: Uint8Array, { bytes, algorithm, signature }: SignedData): boolean {
  const known = algorithms.get(algorithm);
  if (known === undefined) return false;
  try {
    const key = createPublicKey({ key: Buffer.from(publicKey), format: "der", type: "spki" });
    if (key.asymmetricKeyType !== known.keyType || isWeak(key)) return false;
    return verify(known.hash, bytes, key, signature);
  } catch {
    // The key, or the signature's own encoding, cannot be read.
    return false;
  }
}

function isWeak(key: KeyObject): boolean {
  const { modulusLength, namedCurve } = key.asymmetricKeyDetails ?? {};
  if (key.asymmetricKeyType === "rsa") return (modulusLength ?? 0) < leastRsaBits;
  if (key.asymmetricKeyType === "ec") return !["prime256v1", "secp384r1", "secp521r1"].includes(namedCurve ?? "");
  return false;
}
