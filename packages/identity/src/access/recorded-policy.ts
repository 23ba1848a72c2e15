import { stringify } from "yaml";
import type { AccessPolicy } from "./policy.js";

/** A call that was seen. */
export interface SeenCall {
  /** The name of a service. */
  readonly from: string;
  /** Without a slash in front. */
  readonly to: string;
}

/** The policy that allows what was seen and no more: a rule for each caller, in alphabetical order. */
export function recordedPolicy(calls: Iterable<SeenCall>): AccessPolicy {
  const byCaller = new Map<string, Set<string>>();
  for (const { from, to } of calls) byCaller.set(from, (byCaller.get(from) ?? new Set()).add(to));
  const rules = [...byCaller]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([from, to]) => ({
      name: `${from}-calls`,
      action: "allow" as const,
      mode: "enforce" as const,
      from: [from],
      to: [...to].sort(),
    }));
  return { mode: "enforce", default: "deny", rules };
}

/** The document that `readAccessPolicy` reads back as the same policy; defaults are left out. */
export function accessPolicyText({ mode, default: standard, rules }: AccessPolicy): string {
  return stringify({
    ...(mode === "enforce" ? {} : { mode }),
    ...(standard === "deny" ? {} : { default: standard }),
    rules: rules.map(({ name, action, mode: ruleMode, from, to }) => ({
      name,
      ...(action === "allow" ? {} : { action }),
      ...(ruleMode === "enforce" ? {} : { mode: ruleMode }),
      from,
      to,
    })),
  });
}
