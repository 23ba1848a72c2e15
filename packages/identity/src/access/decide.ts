import type { AccessAction, AccessPolicy, AccessRule } from "./policy.js";

/** What is decided of an identity and a method. Frozen; the same question gets the same object. */
export interface Decision {
  readonly allowed: boolean;
  /** The rule that decides; empty when it is the default. */
  readonly rule: string;
  readonly because: string;
  /** What would be decided if everything in shadow were enforced; undefined when it would be the same. */
  readonly shadow: { readonly allowed: boolean; readonly rule: string } | undefined;
}

/** Where this process stands: how short names of services are read. */
export interface Surroundings {
  /** Empty: there is no mTLS, and callers are known by name. */
  readonly trustDomain: string;
  readonly namespace: string;
}

/** A policy made ready for questions. A decider. */
export class AccessDecider {
  readonly policy: AccessPolicy;
  readonly #surroundings: Surroundings;

  constructor(policy: AccessPolicy, surroundings: Surroundings) {
    this.policy = policy;
    this.#surroundings = surroundings;
  }

  /** `identity` is a SPIFFE id, the name of a service that is believed, or empty; `method` has no slash in front. */
  decide(identity: string, method: string): Decision {
    const { mode, rules } = this.policy;
    const matching = rules.filter((rule) => this.matches(rule, identity, method));
    const all = this.#choose(matching);
    const enforced =
      mode === "shadow" ? allowedByShadow : this.#choose(matching.filter((rule) => rule.mode === "enforce"));
    const shadow =
      all.allowed === enforced.allowed ? undefined : Object.freeze({ allowed: all.allowed, rule: all.rule });
    return Object.freeze({ ...enforced, shadow });
  }

  matches(rule: AccessRule, identity: string, method: string): boolean {
    return (
      rule.to.some((pattern) => methodMatches(pattern, method)) &&
      rule.from.some((pattern) => this.callerMatches(pattern, identity))
    );
  }

  callerMatches(pattern: string, identity: string): boolean {
    if (pattern === "anyone") return true;
    if (identity === "") return false;
    if (pattern === "*" || pattern === identity) return true;
    if (pattern.startsWith("spiffe://")) return segmentsMatch(pattern, identity);
    const { trustDomain, namespace } = this.#surroundings;
    return trustDomain !== "" && identity === `spiffe://${trustDomain}/ns/${namespace}/sa/${pattern}`;
  }

  #choose(matching: readonly AccessRule[]): Omit<Decision, "shadow"> {
    const by = (action: AccessAction): AccessRule | undefined => matching.find((rule) => rule.action === action);
    const deny = by("deny");
    if (deny !== undefined) return { allowed: false, rule: deny.name, because: `the rule ${deny.name} denies it` };
    const allow = by("allow");
    if (allow !== undefined) return { allowed: true, rule: allow.name, because: `the rule ${allow.name} allows it` };
    const allowed = this.policy.default === "allow";
    return { allowed, rule: "", because: allowed ? "nothing denies it" : "no rule allows it" };
  }
}

const allowedByShadow = { allowed: true, rule: "", because: "the policy is in shadow mode" } as const;

export function methodMatches(pattern: string, method: string): boolean {
  if (pattern === "*" || pattern === method) return true;
  return pattern.endsWith("/*") && method.slice(0, method.lastIndexOf("/") + 1) === pattern.slice(0, -1);
}

function segmentsMatch(pattern: string, identity: string): boolean {
  const wanted = pattern.split("/");
  const given = identity.split("/");
  return (
    wanted.length === given.length && wanted.every((segment, index) => segment === "*" || segment === given[index])
  );
}
