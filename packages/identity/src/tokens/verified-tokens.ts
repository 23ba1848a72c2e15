import type { TokenClaims } from "@sampan/core/ports";

interface Verified {
  readonly claims: TokenClaims;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
}

/**
 * Tokens whose signature has been checked, so that the next call with the same token need not. Bounded: the one that was
 * used the longest ago makes room. An entry is never used from its token's expiry on.
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

  get(token: string, now: number): TokenClaims | undefined {
    const entry = this.#entries.get(token);
    if (entry === undefined) return undefined;
    this.#entries.delete(token);
    if (now >= entry.expiresAt) return undefined;
    this.#entries.set(token, entry);
    return entry.claims;
  }

  add(token: string, claims: TokenClaims, expiresAt: number): void {
    if (this.#capacity === 0) return;
    if (this.#entries.size >= this.#capacity && !this.#entries.has(token)) {
      for (const oldest of this.#entries.keys()) {
        this.#entries.delete(oldest);
        break;
      }
    }
    this.#entries.set(token, { claims, expiresAt });
  }
}
