import type { RevokedSerial } from "../x509/revocation-list.js";

/** Everything that an authority knows, as plain data: also what is kept on disk. Times are ms since the epoch. */
export interface AuthorityState {
  readonly format: 1;
  /** One more with each change. */
  readonly revision: number;
  readonly trustDomain: string;
  readonly lives: Lives;
  /** Of the bundle: one more whenever its roots change (`spiffe_sequence`). */
  readonly sequence: number;
  /** Oldest first; all of them are in the bundle. */
  readonly roots: readonly SigningAuthority[];
  /** Oldest first. */
  readonly intermediates: readonly SigningAuthority[];
  /** Of the revocation lists: one more whenever they change. */
  readonly listNumber: number;
  readonly revokedSerials: readonly (RevokedSerial & { readonly forgetAt: number })[];
  readonly revokedIds: readonly BlockedId[];
}

/** How long certificates live, ms. */
export interface Lives {
  readonly rootMs: number;
  readonly intermediateMs: number;
  /** Of a service's certificate when nothing else is asked for. */
  readonly svidMs: number;
  /** How long a new root is in the bundle before it signs: every bundle must have been fetched again by then. */
  readonly overlapMs: number;
}

/** SPIRE's defaults for intermediates and SVIDs. A root lives as long as nobody is paged for it. */
export const defaultLives: Lives = {
  rootMs: 365 * 86_400_000,
  intermediateMs: 86_400_000,
  svidMs: 3_600_000,
  overlapMs: 3_600_000,
};

/** A certificate that signs others, with its key. */
export interface SigningAuthority {
  /** Hexadecimal digits. */
  readonly serial: string;
  /** DER, base64. */
  readonly certificate: string;
  /** PKCS#8 DER, base64. */
  readonly key: string;
  readonly notBefore: number;
  readonly notAfter: number;
  /** Signs from here on. */
  readonly signsFrom: number;
  /** Signs nothing new since. */
  readonly retiredAt?: number;
  /** Of an intermediate: its root's serial. */
  readonly root?: string;
}

/** A SPIFFE id that was revoked. */
export interface BlockedId {
  readonly id: string;
  /** Its certificates of this second and before are revoked. */
  readonly at: number;
  /** Whether it gets no new ones either. */
  readonly blocked: boolean;
}

/** The longest that a service may ask for: an intermediate signs until half of its life has passed. */
export function longestSvidMs({ intermediateMs }: Lives): number {
  return intermediateMs / 2;
}
