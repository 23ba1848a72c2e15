import type { Decision } from "@sampan/identity/access";

/** A pair of caller and method that the policy has refused, or would have. Times are ms since the epoch. */
export interface Denial {
  /** Empty for a caller that is not known. */
  readonly identity: string;
  readonly method: string;
  /** The rule that decided last; empty when it was the default. */
  readonly rule: string;
  /** In shadow: the call was let through. */
  readonly isShadow: boolean;
  readonly count: number;
  readonly firstAt: number;
  readonly lastAt: number;
}

/** What a policy has refused, for operators: counts by caller and method. Of too many the longest unseen is forgotten. */
export class Denials {
  readonly #most: number;
  readonly #seen = new Map<string, Denial>();

  constructor(most: number) {
    this.#most = most;
  }

  note(identity: string, method: string, { allowed: isShadow, rule, shadow }: Decision, now: number): Denial {
    const key = `${isShadow ? "shadow" : "refused"} ${identity} ${method}`;
    const known = this.#seen.get(key);
    const denial: Denial = {
      identity,
      method,
      rule: isShadow ? (shadow?.rule ?? "") : rule,
      isShadow,
      count: (known?.count ?? 0) + 1,
      firstAt: known?.firstAt ?? now,
      lastAt: now,
    };
    // Put at the end, so that the first is the one not seen for longest.
    this.#seen.delete(key);
    if (this.#seen.size >= this.#most) this.#seen.delete(this.#seen.keys().next().value as string);
    this.#seen.set(key, denial);
    return denial;
  }

  /** The most recent first. */
  list(): Denial[] {
    return [...this.#seen.values()].reverse();
  }
}
