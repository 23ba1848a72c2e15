import type { CryptoKey } from "jose";
import { calculateJwkThumbprint, exportJWK, generateKeyPair, importJWK } from "jose";

/** A public Ed25519 key as a JSON Web Key (RFC 8037). */
export interface PublicTokenKey {
  readonly kty: "OKP";
  readonly crv: "Ed25519";
  readonly x: string;
  /** The key's thumbprint (RFC 7638), so that the same key has the same id everywhere. */
  readonly kid: string;
  readonly alg: "EdDSA";
  readonly use: "sig";
}

/** What verifiers need, and may be shown to everybody: a JSON Web Key Set (RFC 7517). */
export interface PublicTokenKeys {
  readonly keys: readonly PublicTokenKey[];
}

/** A key pair that signs tokens. The private key cannot be exported from it. */
export interface TokenKeys {
  readonly kid: string;
  readonly privateKey: CryptoKey;
  readonly publicKeys: PublicTokenKeys;
}

/** A private key as it is kept in a file. */
export interface PrivateTokenKey extends PublicTokenKey {
  readonly d: string;
}

/** New keys, in memory only: their tokens end with the process. */
export async function createTokenKeys(): Promise<TokenKeys> {
  return tokenKeysFrom(await createPrivateTokenKey());
}

export async function createPrivateTokenKey(): Promise<PrivateTokenKey> {
  const { privateKey } = await generateKeyPair("EdDSA", { crv: "Ed25519", extractable: true });
  const { x, d } = await exportJWK(privateKey);
  if (x === undefined || d === undefined) throw new TypeError("the runtime made a key without its parts");
  const kid = await calculateJwkThumbprint({ kty: "OKP", crv: "Ed25519", x });
  return { kty: "OKP", crv: "Ed25519", x, kid, alg: "EdDSA", use: "sig", d };
}

/** Rejects when the parts do not belong together. */
export async function tokenKeysFrom(key: PrivateTokenKey): Promise<TokenKeys> {
  const { d, ...publicKey } = key;
  const privateKey = (await importJWK({ ...publicKey, d }, "EdDSA", { extractable: false })) as CryptoKey;
  await requirePair(privateKey, publicKey);
  return { kid: key.kid, privateKey, publicKeys: { keys: [publicKey] } };
}

/** A key whose public half is another one would sign tokens that everybody refuses. */
async function requirePair(privateKey: CryptoKey, publicKey: PublicTokenKey): Promise<void> {
  const verifying = (await importJWK({ ...publicKey }, "EdDSA")) as CryptoKey;
  const probe = new TextEncoder().encode(publicKey.kid);
  const signature = await crypto.subtle.sign("Ed25519", privateKey, probe);
  if (!(await crypto.subtle.verify("Ed25519", verifying, signature, probe))) {
    throw new TypeError("the private and the public part do not belong together");
  }
}
