/**
 * How many messages of one template a user has allowed, as the client reported it; undefined when it never reported
 * anything. The platform keeps the true count and tells nobody: this one saves asking for what will be refused, and says
 * beforehand whom only a short message reaches.
 */
export type Allowed = number | undefined;

/** More are not counted: nobody is asked so often. */
export const maxAllowed = 100;

/** What the user answered when the client asked. */
export type Answer = "accept" | "reject" | "ban";

export function afterAnswer(allowed: Allowed, answer: Answer): number {
  if (answer === "ban") return 0;
  return Math.min(maxAllowed, (allowed ?? 0) + (answer === "accept" ? 1 : 0));
}

/**
 * Before a message goes: one that is allowed is used up; where nothing is known the platform is asked; `none` means that it
 * would refuse.
 */
export function take(allowed: Allowed): { readonly may: boolean; readonly allowed: Allowed } {
  if (allowed === undefined) return { may: true, allowed };
  return allowed > 0 ? { may: true, allowed: allowed - 1 } : { may: false, allowed };
}

/** What is left of a permission that was taken: it is `used`, given back because nothing was sent, or there was `none`. */
export type Remains = "used" | "returned" | "none";

export function afterUse(allowed: Allowed, remains: Remains): Allowed {
  // Who never reports stays unknown: the platform is asked each time.
  if (allowed === undefined || remains === "used") return allowed;
  return remains === "none" ? 0 : Math.min(maxAllowed, allowed + 1);
}
