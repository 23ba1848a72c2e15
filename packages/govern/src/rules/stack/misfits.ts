import type { Method } from "@sampan/core";
import type { CompiledRule } from "../matching/compiled-rule.js";
import type { Rule } from "../model.js";
import type { Side } from "../section.js";
import type { Stack } from "./element.js";

/** The methods that a process has to do with, by the side on which it does. */
export type KnownMethods = Readonly<Record<Side, ReadonlySet<Method>>>;

export interface Misfits {
  /** Sections that cannot hold for a method that their rule matches, and why. */
  readonly all: readonly string[];
  /**
   * Those that refuse a rule set: the process cannot do what a section asks, or the section can hold for none of the
   * methods that its rule names. A rule with a pattern may be meant for methods that other processes know.
   */
  readonly fatal: readonly string[];
}

/** What rules ask for that methods cannot have. Pure. */
export function findMisfits(rules: readonly CompiledRule[], stack: Stack, methods: KnownMethods): Misfits {
  const all = new Set<string>();
  const fatal = new Set<string>();
  for (const { rule, matchesMethod } of rules) {
    for (const side of ["client", "server"] as const) {
      const matched = [...methods[side]].filter((method) => matchesMethod(method.service, method.name));
      for (const element of stack[side]) {
        const section = rule.sections.get(element.kind.section.name);
        if (section?.side !== side || element.misfit === undefined) continue;
        const unsupported = matched.length > 0 && element.unsupported?.(section.policy) !== undefined;
        const found: string[] = [];
        for (const method of matched) {
          const why = element.misfit(section.policy, method);
          if (why !== undefined) found.push(`${rule.name}/${section.name} on ${method.path.slice(1)}: ${why}`);
        }
        for (const each of found) {
          all.add(each);
          if (unsupported || (found.length === matched.length && namesMethods(rule))) fatal.add(each);
        }
      }
    }
  }
  return { all: [...all], fatal: [...fatal] };
}

function namesMethods({ match: { services, methods } }: Rule): boolean {
  const names = [...services, ...methods];
  return services.length > 0 && methods.length > 0 && names.every((name) => !name.includes("*"));
}
