import { type CryptoKey, importJWK, type JWK } from "jose";
import { IdentityErrors } from "./token-errors.js";
import { type PublicTokenKeys, privateMembers, publicTokenKey, type TokenAlgorithm } from "./token-keys.js";

/** A key that verifies, for one algorithm only: a token cannot choose another one for it. */
export interface VerifyingKey {
  readonly algorithm: TokenAlgorithm;
  readonly key: Promise<CryptoKey>;
}

/**
 * The issuer's public keys by their ids, replaced as a whole when it publishes others. Before the first set everything
 * is `KEYS_UNAVAILABLE`.
 */
export class TokenKeySet {
  #keys: ReadonlyMap<string, VerifyingKey> | undefined;
  #text = "";
  #onUnknown: (() => Promise<void>) | undefined;

  constructor(keys?: PublicTokenKeys) {
    if (keys !== undefined) this.replace(keys);
  }

  get loaded(): boolean {
    return this.#keys !== undefined;
  }

  has(kid: string): boolean {
    return this.#keys?.has(kid) ?? false;
  }

  /** Throws `TypeError`, and keeps what it has, for a set that is not one of public Ed25519 or RSA keys with ids. */
  replace(set: PublicTokenKeys): void {
    const text = JSON.stringify(set);
    if (text === this.#text) return;
    this.#keys = importKeys(set);
    this.#text = text;
  }

  /** Who is asked, once, for a newer set when a token names a key that is not in this one. */
  set onUnknown(refresh: () => Promise<void>) {
    this.#onUnknown = refresh;
  }

  /** Rejects with `TOKEN_INVALID` for a key id that is not in the set, also not in a newer one. */
  async find(kid: unknown): Promise<VerifyingKey> {
    if (typeof kid !== "string" || kid === "" || kid.length > maxKidLength) throw unknownKey();
    const known = this.#keys?.get(kid);
    if (known !== undefined) return known;
    await this.#onUnknown?.();
    if (this.#keys === undefined) throw IdentityErrors.KEYS_UNAVAILABLE();
    const found = this.#keys.get(kid);
    if (found === undefined) throw unknownKey();
    return found;
  }
}

const maxKidLength = 128;

function unknownKey(): Error {
  return IdentityErrors.TOKEN_INVALID({ why: "it is signed with an unknown key" });
}

function importKeys({ keys }: PublicTokenKeys): ReadonlyMap<string, VerifyingKey> {
  if (!Array.isArray(keys)) throw new TypeError("a key set has a list of keys");
  const imported = new Map<string, VerifyingKey>();
  for (const key of keys as readonly JWK[]) {
    if ([...privateMembers, "k" as const].some((name) => name in key))
      throw new TypeError("a verifier must not have a private key");
    const { kid, alg, ...parts } = publicTokenKey(key);
    if (imported.has(kid)) throw new TypeError("each token key needs a key id of its own");
    const promise = importJWK(parts as JWK, alg) as Promise<CryptoKey>;
    // A bad key shows when a token names it, and not as a rejection that nobody handles.
    promise.catch(() => {});
    imported.set(kid, { algorithm: alg, key: promise });
  }
  if (imported.size === 0) throw new TypeError("a verifier without keys would refuse every token");
  return imported;
}
