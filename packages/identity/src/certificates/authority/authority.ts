import { type CancelTimer, type Clock, systemClock } from "@sampan/core";
import type { TrustBundle } from "../bundle/trust-bundle.js";
import { CertificateErrors } from "../certificate-errors.js";
import type { X509Svid } from "../source/x509-source.js";
import { requireTrustDomain } from "../spiffe-id.js";
import { writeRevocationList } from "../x509/revocation-list.js";
import { type AdvanceOptions, advance, nextAdvance } from "./advance.js";
import type { AuthorityState, Lives } from "./authority-state.js";
import type { AuthorityStore } from "./authority-store.js";
import { type IssueOptions, issue, type Signer, signerOf } from "./issue.js";
import { requireLives } from "./lives.js";
import { type Mint, mint as systemMint } from "./mint.js";
import { allowId, revokeId, revokeSerial } from "./revoke.js";

/**
 * A trust domain's certificate authority: a root, an intermediate below it that signs, and what is revoked. It renews
 * both by itself while it is open, and takes over what other processes change in its store.
 */
export interface Authority {
  readonly trustDomain: string;
  /** As it is now. */
  readonly state: AuthorityState;
  /** A new key with its certificate. Throws `ISSUE_REFUSED`. */
  issue(id: string, options?: IssueOptions): X509Svid;
  bundle(): TrustBundle;
  /** DER; one for each intermediate whose certificates may still be valid. */
  revocationLists(): readonly Uint8Array[];
  revokeSerial(serial: string): Promise<void>;
  revokeId(id: string): Promise<void>;
  allowId(id: string): Promise<void>;
  /** Brings a new root into the bundle, which signs after the overlap; nothing when one is waiting already. */
  rotateRoot(): Promise<void>;
  /** Calls back after a change of bundle or revocation lists; returns a function that ends it. */
  watch(changed: () => void): () => void;
  close(): void;
}

export interface AuthorityOptions {
  readonly store: AuthorityStore;
  readonly clock?: Clock;
  /** Hears when renewing or reading the store has failed; it is tried again every second. */
  readonly failed?: (error: unknown) => void;
  readonly mint?: Mint;
}

/** Makes a new authority. Throws `AUTHORITY_SETTINGS`, and `AUTHORITY_FOLDER` when there is one already. */
export async function createAuthority(
  trustDomain: string,
  options: AuthorityOptions & { readonly lives?: Partial<Lives> },
): Promise<Authority> {
  const { store, clock = systemClock, mint = systemMint } = options;
  const empty: AuthorityState = {
    format: 1,
    revision: 0,
    trustDomain: requireTrustDomain(trustDomain),
    lives: requireLives(options.lives),
    sequence: 0,
    roots: [],
    intermediates: [],
    listNumber: 1,
    revokedSerials: [],
    revokedIds: [],
  };
  const exists = (await store.load()) !== undefined;
  if (exists || !(await store.save(advance(empty, clock.now(), mint)))) {
    throw CertificateErrors.AUTHORITY_FOLDER({ folder: trustDomain, why: "there is an authority already" });
  }
  return await openAuthority(options);
}

/** Opens what `createAuthority` has made. Throws `AUTHORITY_FOLDER`. */
export async function openAuthority(options: AuthorityOptions): Promise<Authority> {
  const authority = new RunningAuthority(options);
  await authority.change((state) => state);
  return authority;
}

const retryMs = 1000;
const mostTries = 20;

class RunningAuthority implements Authority {
  readonly #options: AuthorityOptions;
  readonly #clock: Clock;
  readonly #watchers = new Set<() => void>();
  #state: AuthorityState | undefined;
  #signer: Signer | undefined;
  #lists: { readonly of: string; readonly ders: readonly Uint8Array[] } | undefined;
  #cancel: CancelTimer = () => {};
  #closed = false;

  constructor(options: AuthorityOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
  }

  get trustDomain(): string {
    return this.state.trustDomain;
  }

  get state(): AuthorityState {
    return this.#state as AuthorityState;
  }

  issue(id: string, options: IssueOptions = {}): X509Svid {
    const now = this.#clock.now();
    const known = this.#signer;
    const newest = this.state.intermediates.at(-1);
    if (known === undefined || known.authority.serial !== newest?.serial) this.#signer = signerOf(this.state, now);
    const signer = this.#signer;
    if (signer === undefined || signer.authority.notAfter - 1000 <= now) {
      throw CertificateErrors.ISSUE_REFUSED({ id, why: "the intermediate has expired and could not be renewed" });
    }
    return issue(this.state, signer, id, options, now);
  }

  bundle(): TrustBundle {
    const { trustDomain, roots, sequence, lives } = this.state;
    return {
      trustDomain,
      authorities: roots.map(({ certificate }) => Buffer.from(certificate, "base64")),
      sequence,
      // Four times within the overlap, so that a new root is known everywhere before it signs.
      refreshHintSeconds: Math.max(1, Math.floor(lives.overlapMs / 4000)),
    };
  }

  revocationLists(): readonly Uint8Array[] {
    const { listNumber, intermediates, revokedSerials, revokedIds } = this.state;
    const of = [listNumber, ...intermediates.map(({ serial }) => serial)].join(" ");
    if (this.#lists?.of === of) return this.#lists.ders;
    const thisUpdate = this.#clock.now();
    const ders = intermediates.map((each) => {
      const { subject, keyId, key } = signerOf({ ...this.state, intermediates: [each] }, each.signsFrom) as Signer;
      const content = { serials: revokedSerials, ids: revokedIds, number: listNumber, thisUpdate };
      return writeRevocationList(
        { ...content, issuer: subject, authorityKeyId: keyId, nextUpdate: each.notAfter },
        key,
      );
    });
    this.#lists = { of, ders };
    return ders;
  }

  revokeSerial(serial: string): Promise<void> {
    return this.change((state) => revokeSerial(state, serial, this.#clock.now()));
  }

  revokeId(id: string): Promise<void> {
    return this.change((state) => revokeId(state, id, this.#clock.now()));
  }

  allowId(id: string): Promise<void> {
    return this.change((state) => allowId(state, id));
  }

  rotateRoot(): Promise<void> {
    return this.change((state) => state, { rotateRoot: true });
  }

  watch(changed: () => void): () => void {
    this.#watchers.add(changed);
    return () => void this.#watchers.delete(changed);
  }

  close(): void {
    this.#closed = true;
    this.#cancel();
    this.#watchers.clear();
  }

  /** Reads what is kept, changes and advances it, and keeps it; again, when somebody else was faster. */
  async change(how: (state: AuthorityState) => AuthorityState, options: AdvanceOptions = {}): Promise<void> {
    const { store, mint = systemMint } = this.#options;
    for (let tries = 0; tries < mostTries; tries++) {
      const kept = await store.load();
      if (kept === undefined)
        throw CertificateErrors.AUTHORITY_FOLDER({ folder: "the store", why: "there is no authority" });
      const changed = how(kept);
      const advanced = advance(changed, this.#clock.now(), mint, options);
      // One revision for both.
      const next = advanced === kept ? kept : { ...advanced, revision: kept.revision + 1 };
      if (next !== kept && !(await store.save(next))) continue;
      this.#take(next);
      return;
    }
    throw CertificateErrors.AUTHORITY_FOLDER({ folder: "the store", why: "others change it all the time" });
  }

  #take(next: AuthorityState): void {
    if (this.#closed) return;
    const before = this.#state;
    this.#state = next;
    this.#plan(nextAdvance(next) - this.#clock.now());
    if (before === undefined || before.revision === next.revision) return;
    for (const changed of [...this.#watchers]) changed();
  }

  #plan(ms: number): void {
    this.#cancel();
    const { pollMs = Number.POSITIVE_INFINITY } = this.#options.store;
    this.#cancel = this.#clock.timer(Math.max(0, Math.min(ms, pollMs)), () => void this.#refresh(), {
      background: true,
    });
  }

  async #refresh(): Promise<void> {
    try {
      await this.change((state) => state);
    } catch (error) {
      this.#options.failed?.(error);
      if (!this.#closed) this.#plan(retryMs);
    }
  }
}
