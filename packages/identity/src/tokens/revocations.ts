import type { TokenClaims } from "@sampan/core/ports";

/** That tokens are refused before they expire. */
export interface Revocation {
  /** A login that has ended, or a subject whose tokens are refused when they were issued at `notBefore` or earlier. */
  readonly kind: "session" | "subject";
  /** The session, or the subject. */
  readonly id: string;
  /** Milliseconds since the epoch; of no meaning for a session. */
  readonly notBefore: number;
  /** When the last token that it is about has expired, so that it can be forgotten. */
  readonly until: number;
}

/**
 * What the issuer has revoked, as one verifier knows it. Adding is idempotent, and order does not matter.
 *
 * Bounded: what does not fit is replaced by a refusal of everything issued so far, which costs each client one refresh
 * and lets no revoked token in.
 */
export class Revocations {
  readonly #max: number;
  readonly #sessions = new Map<string, number>();
  readonly #subjects = new Map<string, { readonly notBefore: number; readonly until: number }>();
  #everybody = Number.NEGATIVE_INFINITY;

  constructor(maxEntries = 100_000) {
    this.#max = maxEntries;
  }

  get size(): number {
    return this.#sessions.size + this.#subjects.size;
  }

  add({ kind, id, notBefore, until }: Revocation, now: number): void {
    if (until <= now) return;
    if (kind === "session") this.#sessions.set(id, Math.max(until, this.#sessions.get(id) ?? 0));
    else {
      const held = this.#subjects.get(id);
      if (held === undefined || held.notBefore < notBefore) this.#subjects.set(id, { notBefore, until });
    }
    if (this.size > this.#max) this.#makeRoom(now);
  }

  /** Hot path: two look-ups for every check of a token, guarded by the bench `identity`. */
  refuses({ subject, session }: TokenClaims, issuedAt: number): boolean {
    if (issuedAt <= this.#everybody) return true;
    if (session !== undefined && this.#sessions.size > 0 && this.#sessions.has(session)) return true;
    if (this.#subjects.size === 0) return false;
    const held = this.#subjects.get(subject);
    return held !== undefined && issuedAt <= held.notBefore;
  }

  /** Forgets what is about expired tokens only. */
  prune(now: number): void {
    for (const [id, until] of this.#sessions) if (until <= now) this.#sessions.delete(id);
    for (const [id, { until }] of this.#subjects) if (until <= now) this.#subjects.delete(id);
  }

  #makeRoom(now: number): void {
    this.prune(now);
    if (this.size <= this.#max) return;
    this.#everybody = now;
    this.#sessions.clear();
    this.#subjects.clear();
  }
}
