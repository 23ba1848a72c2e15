import type { RuleSet } from "../model.js";
import { activityAt } from "../windows/activity.js";
import { type CompiledRule, compileRule } from "./compiled-rule.js";

export interface ActiveRules {
  readonly rules: readonly CompiledRule[];
  /** When to ask again, ms since the epoch; undefined when nothing changes any more. */
  readonly until: number | undefined;
}

export function compileRules(set: RuleSet): readonly CompiledRule[] {
  return set.rules.map(compileRule);
}

/** The rules that hold at an instant. Pure. */
export function activeRules(compiled: readonly CompiledRule[], at: number): ActiveRules {
  let until: number | undefined;
  const rules = compiled.filter(({ rule }) => {
    const activity = activityAt(rule.during, at);
    if (activity.until !== undefined && (until === undefined || activity.until < until)) until = activity.until;
    return activity.active;
  });
  return { rules, until };
}
