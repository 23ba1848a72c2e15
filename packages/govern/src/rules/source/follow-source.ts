import type { RuleSet } from "../model.js";
import { type ReadOptions, requireRules } from "../reading/read-rules.js";
import type { Governor } from "../stack/governor.js";
import type { RuleSource } from "./rule-source.js";

export interface FollowOptions extends ReadOptions {
  /** Rules of a preset, in force beside those of the source. */
  readonly base?: RuleSet;
}

/**
 * Keeps a governor at what a source says: each version is read and checked as a whole; one with errors, and a source
 * that fails, leave the last good rules in force and the reason in the governor's state. Returns what ends it.
 */
export function followSource(governor: Governor, source: RuleSource, options: FollowOptions): () => void {
  return source.watch({
    rules({ text, revision }) {
      let set: RuleSet;
      try {
        set = withBase(requireRules(text, source.name, options), options.base);
      } catch (error) {
        governor.reject(error, revision);
        return;
      }
      try {
        governor.load(set, revision);
      } catch {
        // The governor keeps the reason, and what was in force.
      }
    },
    failed: (error) => governor.reject(error),
  });
}

/** A rule of the set replaces the one of the base that has its name: how a preset is changed in one place. */
export function withBase(set: RuleSet, base: RuleSet | undefined): RuleSet {
  if (base === undefined) return set;
  const names = new Set(set.rules.map(({ name }) => name));
  return { rules: [...base.rules.filter(({ name }) => !names.has(name)), ...set.rules] };
}
