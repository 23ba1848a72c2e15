import type { HubRules } from "./access-token.js";

/**
 * How many forced renewals this process has made, for when the shared count cannot be asked, and so that a loop here
 * stops before it asks. Decides; does no I/O.
 */
export class ForcedRation {
  readonly #rules: HubRules;
  /** Times of the last day, oldest first. */
  #taken: number[] = [];

  constructor(rules: HubRules) {
    this.#rules = rules;
  }

  take(now: number): boolean {
    this.#taken = this.#taken.filter((at) => at > now - 86_400_000);
    const last = this.#taken.at(-1);
    if (last !== undefined && now - last < this.#rules.forcedSpacingMs) return false;
    if (this.#taken.length >= this.#rules.forcedPerDay) return false;
    this.#taken.push(now);
    return true;
  }
}
