import type { AccessToken, HubRules } from "./access-token.js";

/** What an instance knows in the middle of a renewal, its view of the shared store just read. */
export interface RenewalView {
  readonly now: number;
  /** Since this instance began, ms. */
  readonly waitedMs: number;
  readonly shared: AccessToken | undefined;
  /** The token that is to be replaced. */
  readonly own: AccessToken | undefined;
  /** A token that the platform does not take, though it may not have expired. */
  readonly refused: string | undefined;
  /** Whose turn it is to fetch: nobody asked yet, another's, or ours. */
  readonly lease: "not-asked" | "another" | "ours";
}

/**
 * - `adopt`: another instance has fetched; use what is shared.
 * - `ask-lease`: try to be the one who fetches, then read again: another may have finished in between.
 * - `wait`: look again after a while, and ask for the lease again: its holder may have failed.
 * - `fetch`: ask the platform and share the answer. Also, without the lease, when patience has run out.
 */
export type RenewalStep = "adopt" | "ask-lease" | "wait" | "fetch";

/** Decides; does no I/O. Of the instances that follow it, one fetches while its lease holds. */
export function renewalStep(view: RenewalView, rules: HubRules): RenewalStep {
  if (isWorthAdopting(view, rules)) return "adopt";
  if (view.lease === "ours" || view.waitedMs >= rules.patienceMs) return "fetch";
  return view.lease === "not-asked" ? "ask-lease" : "wait";
}

/**
 * Anything that can be used is better than what is refused or absent. Against a token of our own it must be a later
 * one; the same token read back is no renewal.
 */
function isWorthAdopting({ shared, own, refused, now }: RenewalView, rules: HubRules): boolean {
  if (shared === undefined || shared.value === refused || shared.expiresAt - now <= rules.usableMs) return false;
  return own === undefined || (shared.value !== own.value && shared.expiresAt > own.expiresAt);
}
