import { hash } from "node:crypto";
import type { TokenClaims } from "@sampan/core/ports";

/** A token whose signature has been checked. */
export interface Verified {
  readonly claims: TokenClaims;
  /** Of the key that signed it. */
  readonly kid: string;
  /** Milliseconds since the epoch, both. */
  readonly issuedAt: number;
  readonly expiresAt: number;
}

/**
 * Tokens whose signature has been checked, so that the next call with the same token need not. Bounded: the one that was
 * used the longest ago makes room. An entry is never used from its token's expiry on. Tokens are kept as their SHA-256,
 * so that a dump of the memory gives nobody a token.
 */
export class VerifiedTokens {
  readonly #capacity: number;
  // In the order of use: a Map keeps the order of insertion, and a use inserts anew.
  readonly #entries = new Map<string, Verified>();

  /** 0 keeps nothing. */
  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  get size(): number {
    return this.#entries.size;
  }

  get(token: string, now: number): Verified | undefined {
    if (this.#entries.size === 0) return undefined;
    const key = digest(token);
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    this.#entries.delete(key);
    if (now >= entry.expiresAt) return undefined;
    this.#entries.set(key, entry);
    return entry;
  }

  add(token: string, verified: Verified): void {
    if (this.#capacity === 0) return;
    const key = digest(token);
    if (this.#entries.size >= this.#capacity && !this.#entries.has(key)) {
      for (const oldest of this.#entries.keys()) {
        this.#entries.delete(oldest);
        break;
      }
    }
    this.#entries.set(key, verified);
  }
}

/** Hot path: one call into OpenSSL, without an object for the hash; bench `identity`. */
function digest(token: string): string {
  return hash("sha256", token, "base64url");
}
