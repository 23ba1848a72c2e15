/** A session (the family of its refresh tokens), as far as refreshing is concerned. Times in ms since the epoch. */
export interface RefreshState {
  /** Of the newest refresh token. */
  readonly generation: number;
  /** When it was first given out. */
  readonly rotatedAt: number;
  /** What the client called its device when it logged in; empty when it did not. */
  readonly device: string;
  /** The session ends then, however it is used. */
  readonly expiresAt: number;
  /** 0 while it has not been ended. */
  readonly endedAt: number;
}

export interface RefreshRules {
  /** How long a refresh token can be used after it was given out. */
  readonly lifetimeMs: number;
  /** How long the token before the newest is answered with the same successor, to a device whose answer was lost. */
  readonly graceMs: number;
}

/** 30 days; 10 seconds. */
export const defaultRefreshRules: RefreshRules = { lifetimeMs: 2_592_000_000, graceMs: 10_000 };

export type RefreshDecision =
  /** The next token; the state goes on to its generation. */
  | { readonly kind: "rotate"; readonly generation: number }
  /** The same token again: nothing changes. */
  | { readonly kind: "repeat"; readonly generation: number }
  /** Somebody else has the token too: the session ends, for both. */
  | { readonly kind: "end" }
  | { readonly kind: "refuse"; readonly why: "ended" | "expired" | "unknown" };

/**
 * What becomes of a refresh token that the issuer once wrote. It may be used once; using it again means that two have it,
 * and nobody can tell which of them is the thief (RFC 9700 section 4.14). The one exception is a client that did not get
 * the answer: the same device, within moments.
 */
export function decideRefresh(
  state: RefreshState,
  given: { readonly generation: number; readonly device: string },
  now: number,
  rules: RefreshRules = defaultRefreshRules,
): RefreshDecision {
  if (state.endedAt > 0) return { kind: "refuse", why: "ended" };
  if (now >= state.expiresAt || now >= state.rotatedAt + rules.lifetimeMs) return { kind: "refuse", why: "expired" };
  // Written by an issuer whose store knows less than it did: restored from a backup, say.
  if (given.generation > state.generation) return { kind: "refuse", why: "unknown" };
  if (given.device !== state.device) return { kind: "end" };
  if (given.generation === state.generation) return { kind: "rotate", generation: state.generation + 1 };
  const late = now - state.rotatedAt > rules.graceMs;
  return given.generation === state.generation - 1 && !late
    ? { kind: "repeat", generation: state.generation }
    : { kind: "end" };
}
