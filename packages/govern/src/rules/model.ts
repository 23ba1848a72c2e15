import type { Side } from "./section.js";
import type { DailyWindow } from "./windows/daily-window.js";

/** Rules that hold together: read, checked and put in force as a whole. */
export interface RuleSet {
  readonly rules: readonly Rule[];
}

/** Everything after defaults. */
export interface Rule {
  readonly name: string;
  readonly description: string;
  readonly match: Match;
  /** It holds in any of them; without one it always holds. */
  readonly during: readonly DailyWindow[];
  /** Decides, counts and reports, and lets every call through. */
  readonly shadow: boolean;
  /** By section name. */
  readonly sections: ReadonlyMap<string, RuleSection>;
  /** Whether it comes from a preset, which yields to an equally specific rule that does not. */
  readonly preset: boolean;
}

export interface RuleSection {
  readonly name: string;
  readonly side: Side;
  /** As the section's guard takes it. */
  readonly policy: unknown;
}

/** Patterns by attribute; of each list one must match. An empty list matches everything, also what has no value. */
export interface Match {
  readonly services: readonly string[];
  readonly methods: readonly string[];
  readonly tenants: readonly string[];
  readonly callers: readonly string[];
  readonly releases: readonly string[];
  /** Every one of them must match. */
  readonly labels: ReadonlyMap<string, readonly string[]>;
}
