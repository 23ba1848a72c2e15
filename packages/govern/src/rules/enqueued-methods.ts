import type { Method } from "@sampan/core";
import type { FallbackPolicy } from "../fallback/index.js";
import { compileRules } from "./matching/active-rules.js";
import type { RuleSet } from "./model.js";

/**
 * The topics to which rules enqueue calls of these methods, for whoever serves them. Of rules that do not hold at the
 * moment too: what was enqueued while they did waits there.
 */
export function enqueuedMethods(set: RuleSet, methods: Iterable<Method>): ReadonlyMap<string, readonly Method[]> {
  const topics = new Map<string, Method[]>();
  const known = [...methods];
  for (const { rule, matchesMethod } of compileRules(set)) {
    const topic = (rule.sections.get("fallback")?.policy as FallbackPolicy | undefined)?.enqueue?.topic;
    if (topic === undefined || rule.shadow) continue;
    const matched = known.filter(({ kind, service, name }) => kind === "unary" && matchesMethod(service, name));
    if (matched.length === 0) continue;
    const already = topics.get(topic) ?? [];
    topics.set(topic, [...already, ...matched.filter((method) => !already.includes(method))]);
  }
  return topics;
}
