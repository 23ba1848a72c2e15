import type { Rule } from "../model.js";
import type { CallAttributes } from "./attributes.js";
import { bestMatch, type Pattern, patternOf, unspecific } from "./pattern.js";

/**
 * How specific a match is, most important first: service, method, tenant, caller, release, number of labels, whether
 * the rule holds in windows only, whether it is no preset. Compared like words: the first number that differs decides.
 */
export type Specificity = readonly number[];

/** The names of those numbers, for people. */
export const specificityNames = [
  "service",
  "method",
  "tenant",
  "caller",
  "release",
  "number of labels",
  "time window",
  "not from a preset",
] as const;

/** A rule with its patterns ready to test. */
export interface CompiledRule {
  readonly rule: Rule;
  /** In the rule set, from 0. */
  readonly position: number;
  /** Whether anything but the method decides if it matches. */
  readonly looksAtCalls: boolean;
  matchesMethod(service: string, method: string): boolean;
  /** Undefined when the rule does not match. */
  match(service: string, method: string, call: CallAttributes): Specificity | undefined;
}

export function compileRule(rule: Rule, position: number): CompiledRule {
  const { match } = rule;
  const services = match.services.map(patternOf);
  const methods = match.methods.map(patternOf);
  const tenants = match.tenants.map(patternOf);
  const callers = match.callers.map(patternOf);
  const releases = match.releases.map(patternOf);
  const labels = [...match.labels].map(([name, values]) => [name, values.map(patternOf)] as const);
  const last = [labels.length, rule.during.length > 0 ? 1 : 0, rule.preset ? 0 : 1];
  return {
    rule,
    position,
    looksAtCalls: tenants.length + callers.length + releases.length + labels.length > 0,
    matchesMethod: (service, method) =>
      bestMatch(services, service) !== undefined && bestMatch(methods, method) !== undefined,
    match(service, method, call) {
      const found = [
        bestMatch(services, service),
        bestMatch(methods, method),
        bestMatch(tenants, call.tenant),
        bestMatch(callers, call.caller),
        bestMatch(releases, call.release),
      ];
      if (found.includes(undefined) || !labels.every((label) => labelMatches(label, call))) return undefined;
      return [...(found as number[]), ...last];
    },
  };
}

function labelMatches([name, values]: readonly [string, readonly Pattern[]], call: CallAttributes): boolean {
  const value = call.label(name);
  return value !== undefined && (bestMatch(values, value) ?? unspecific) > unspecific;
}

/** Above 0 when `a` is more specific. */
export function compareSpecificity(a: Specificity, b: Specificity): number {
  const at = a.findIndex((value, index) => value !== b[index]);
  return at < 0 ? 0 : (a[at] as number) - (b[at] as number);
}

/** What tells two matches apart: the name of the first number that differs; undefined when none does. */
export function decidingName(a: Specificity, b: Specificity): string | undefined {
  const at = a.findIndex((value, index) => value !== b[index]);
  return specificityNames[at];
}
