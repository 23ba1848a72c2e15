import { AccessDecider, type Decision, methodMatches, type Surroundings } from "./decide.js";
import type { AccessPolicy, AccessRule } from "./policy.js";

/** Why an identity may, or may not, call a method: the decision and what each rule has to do with it. */
export interface AccessExplanation {
  readonly identity: string;
  readonly method: string;
  readonly decision: Decision;
  readonly rules: readonly RuleExplanation[];
}

export interface RuleExplanation {
  readonly rule: AccessRule;
  readonly matches: boolean;
  /** What does not fit; or that it fits. */
  readonly why: string;
}

/** A method's path may have its slash in front. */
export function explainAccess(
  policy: AccessPolicy,
  surroundings: Surroundings,
  identity: string,
  path: string,
): AccessExplanation {
  const method = path.startsWith("/") ? path.slice(1) : path;
  const decider = new AccessDecider(policy, surroundings);
  const rules = policy.rules.map((rule) => {
    const caller = rule.from.some((pattern) => decider.callerMatches(pattern, identity));
    const called = rule.to.some((pattern) => methodMatches(pattern, method));
    const why = caller
      ? called
        ? "caller and method match"
        : "it is about other methods"
      : called
        ? "it is about other callers"
        : "it is about other callers and methods";
    return { rule, matches: caller && called, why };
  });
  return { identity, method, decision: decider.decide(identity, method), rules };
}
