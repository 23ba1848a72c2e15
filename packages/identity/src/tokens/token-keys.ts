import type { CryptoKey, JWK } from "jose";
import { calculateJwkThumbprint, exportJWK, generateKeyPair, importJWK } from "jose";

/** How tokens are signed: Ed25519 (RFC 8037), or RSA with SHA-256 for verifiers that know nothing newer. */
export type TokenAlgorithm = "EdDSA" | "RS256";

interface PublicKeyBase {
  /** The key's thumbprint (RFC 7638), so that the same key has the same id everywhere. */
  readonly kid: string;
  readonly use: "sig";
}

/** A public key as a JSON Web Key. It is for one algorithm, whatever a token says. */
export type PublicTokenKey =
  | (PublicKeyBase & { readonly kty: "OKP"; readonly crv: "Ed25519"; readonly x: string; readonly alg: "EdDSA" })
  | (PublicKeyBase & { readonly kty: "RSA"; readonly n: string; readonly e: string; readonly alg: "RS256" });

/** What verifiers need, and may be shown to everybody: a JSON Web Key Set (RFC 7517). */
export interface PublicTokenKeys {
  readonly keys: readonly PublicTokenKey[];
}

/** A key pair that signs tokens. The private key cannot be exported from it. */
export interface TokenKeys {
  readonly kid: string;
  /** Default EdDSA. */
  readonly algorithm?: TokenAlgorithm;
  readonly privateKey: CryptoKey;
  readonly publicKeys: PublicTokenKeys;
}

/** The private members of a key as it is kept in a file; an RSA key has all of them. */
export const privateMembers = ["d", "p", "q", "dp", "dq", "qi"] as const;

export type PrivateTokenKey = PublicTokenKey & { readonly [M in (typeof privateMembers)[number]]?: string };

const rsaBits = 2048;

/** New keys, in memory only: their tokens end with the process. */
export async function createTokenKeys(algorithm: TokenAlgorithm = "EdDSA"): Promise<TokenKeys> {
  return tokenKeysFrom(await createPrivateTokenKey(algorithm));
}

export async function createPrivateTokenKey(algorithm: TokenAlgorithm = "EdDSA"): Promise<PrivateTokenKey> {
  const { privateKey } = await generateKeyPair(algorithm, {
    extractable: true,
    ...(algorithm === "EdDSA" ? { crv: "Ed25519" } : { modulusLength: rsaBits }),
  });
  const jwk = await exportJWK(privateKey);
  const kid = await calculateJwkThumbprint(jwk);
  return { ...publicTokenKey({ ...jwk, kid, alg: algorithm }), ...privatePart(jwk) };
}

/** The public half of a key, and nothing else of it. Throws `TypeError` for a key of another kind. */
export function publicTokenKey(key: JWK): PublicTokenKey {
  const { kty, crv, x, n, e, kid, alg } = key;
  if (typeof kid !== "string" || kid === "") throw new TypeError("a token key needs a key id");
  if (kty === "OKP" && crv === "Ed25519" && typeof x === "string" && (alg ?? "EdDSA") === "EdDSA") {
    return { kty: "OKP", crv: "Ed25519", x, kid, alg: "EdDSA", use: "sig" };
  }
  if (kty === "RSA" && typeof n === "string" && typeof e === "string" && (alg ?? "RS256") === "RS256") {
    // RFC 7518 section 3.3: 2048 bits or more; the first bit of the base64url text is the number's.
    if (n.length < Math.floor((rsaBits / 8) * (4 / 3))) throw new TypeError("a token key of RSA needs 2048 bits");
    return { kty: "RSA", n, e, kid, alg: "RS256", use: "sig" };
  }
  throw new TypeError("a token key must be an Ed25519 key, or an RSA key for RS256");
}

/** Rejects when the parts do not belong together. */
export async function tokenKeysFrom(key: PrivateTokenKey): Promise<TokenKeys> {
  const publicKey = publicTokenKey(key as JWK);
  const algorithm = publicKey.alg;
  const whole = { ...publicKey, ...privatePart(key as JWK) };
  const privateKey = (await importJWK(whole, algorithm, { extractable: false })) as CryptoKey;
  await requirePair(privateKey, publicKey);
  return { kid: key.kid, algorithm, privateKey, publicKeys: { keys: [publicKey] } };
}

function privatePart(jwk: JWK): Pick<PrivateTokenKey, (typeof privateMembers)[number]> {
  if (typeof jwk.d !== "string") throw new TypeError("a private key without its private part");
  const members = privateMembers.flatMap((name) => (typeof jwk[name] === "string" ? [[name, jwk[name]]] : []));
  return Object.fromEntries(members);
}

/** A key whose public half is another one would sign tokens that everybody refuses. */
async function requirePair(privateKey: CryptoKey, publicKey: PublicTokenKey): Promise<void> {
  const verifying = (await importJWK({ ...publicKey }, publicKey.alg)) as CryptoKey;
  const algorithm = publicKey.alg === "EdDSA" ? "Ed25519" : "RSASSA-PKCS1-v1_5";
  const probe = new TextEncoder().encode(publicKey.kid);
  const signature = await crypto.subtle.sign(algorithm, privateKey, probe);
  if (!(await crypto.subtle.verify(algorithm, verifying, signature, probe))) {
    throw new TypeError("the private and the public part do not belong together");
  }
}
