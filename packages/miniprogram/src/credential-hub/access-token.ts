/** A token that an app calls its platform with. */
export interface AccessToken {
  readonly value: string;
  /** Milliseconds since the epoch, by the clock of whoever fetched it. */
  readonly expiresAt: number;
}

/** What a hub goes by, ms. */
export interface HubRules {
  /** With less left a token is renewed while it is still used. WeChat gives its successor in the last 5 minutes. */
  readonly renewMs: number;
  /** With less left it may expire on its way, or by a clock that is ahead of ours: it is not used. */
  readonly usableMs: number;
  /** After a renewal that failed, or gave the same token, the next one in the background waits so long. */
  readonly quietMs: number;
  /** How long one instance may take to fetch before another may. Above the time limit of two exchanges. */
  readonly leaseMs: number;
  /** How often those who wait for that instance look. */
  readonly pollMs: number;
  /** Then they fetch themselves. */
  readonly patienceMs: number;
  /** How long the shared store may take to answer before it counts as away. */
  readonly storeTimeoutMs: number;
  /** Forced renewals of an app: so many a day, so far apart. WeChat: 20 and 30 s. */
  readonly forcedPerDay: number;
  readonly forcedSpacingMs: number;
}

export const hubRules: HubRules = {
  renewMs: 300_000,
  usableMs: 30_000,
  quietMs: 10_000,
  leaseMs: 20_000,
  pollMs: 100,
  patienceMs: 25_000,
  storeTimeoutMs: 1_000,
  forcedPerDay: 20,
  forcedSpacingMs: 30_000,
};

/**
 * `use`: it has long to go. `renew-early`: it is used, and renewed meanwhile. `renew`: it is not used any more.
 */
export type TokenVerdict = "use" | "renew-early" | "renew";

export function tokenVerdict(token: AccessToken | undefined, now: number, rules: HubRules): TokenVerdict {
  if (token === undefined) return "renew";
  const left = token.expiresAt - now;
  if (left <= rules.usableMs) return "renew";
  return left <= rules.renewMs ? "renew-early" : "use";
}
