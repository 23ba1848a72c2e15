import { intersect, patternOf } from "../matching/pattern.js";
import type { Match, Rule, RuleSection } from "../model.js";
import { everOverlap } from "../windows/overlap.js";
import type { Path, Problems } from "./problems.js";

/**
 * Rules that cannot stand beside one another: names that are used twice, and two rules of which neither is more
 * specific although both decide the same section of the same call. A shadow rule contradicts shadow rules only, because
 * it takes no call from a rule that is enforced.
 */
export function findContradictions(rules: readonly Rule[], pathOf: (index: number) => Path, problems: Problems): void {
  const beyondSchema = true;
  const byName = new Map<string, number>();
  for (const [index, { name }] of rules.entries()) {
    const first = byName.get(name);
    if (first === undefined) byName.set(name, index);
    else
      problems.add([...pathOf(index), "name"], `there is a rule ${name} before`, "give each rule its own name", {
        beyondSchema,
      });
  }
  for (const [index, rule] of rules.entries()) {
    for (let before = 0; before < index; before++) {
      const other = rules[before] as Rule;
      const section = sharedSection(rule, other);
      if (section === undefined || !tie(rule, other)) continue;
      problems.add(
        [...pathOf(index), section.name],
        `is decided by rule ${other.name} too, for the same calls and no less specifically`,
        "narrow one of the two matches, or put both into one rule",
        { beyondSchema },
      );
    }
  }
}

function sharedSection(a: Rule, b: Rule): RuleSection | undefined {
  if (a.shadow !== b.shadow || a.preset !== b.preset) return undefined;
  for (const section of a.sections.values()) if (b.sections.has(section.name)) return section;
  return undefined;
}

/** Whether some call is matched by both, with the same specificity. */
function tie(a: Rule, b: Rule): boolean {
  if (a.during.length > 0 !== b.during.length > 0) return false;
  if (a.match.labels.size !== b.match.labels.size) return false;
  const lists = ["services", "methods", "tenants", "callers", "releases"] as const satisfies (keyof Match)[];
  if (!lists.every((name) => equallySpecific(a.match[name], b.match[name]))) return false;
  for (const [name, values] of a.match.labels) {
    const others = b.match.labels.get(name);
    if (others !== undefined && !values.some((value) => others.some((other) => intersect(value, other)))) return false;
  }
  return everOverlap(a.during, b.during);
}

function equallySpecific(a: readonly string[], b: readonly string[]): boolean {
  if (a.length === 0 || b.length === 0) return a.length === b.length;
  return a.some((x) => b.some((y) => patternOf(x).specificity === patternOf(y).specificity && intersect(x, y)));
}
