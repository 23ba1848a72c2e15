import type { RuleSection } from "../model.js";
import type { CallAttributes } from "./attributes.js";
import { type CompiledRule, compareSpecificity, type Specificity } from "./compiled-rule.js";

/** A rule that matches a call and has the section. */
export interface Candidate {
  readonly rule: CompiledRule;
  readonly section: RuleSection;
  readonly specificity: Specificity;
}

/** Who decides one section of a call. */
export interface Choice {
  readonly section: string;
  /** The most specific rule that is enforced. */
  readonly enforced: Candidate | undefined;
  /** The most specific shadow rule, which only watches; it takes the call from no other. */
  readonly shadow: Candidate | undefined;
  /** All of them, the most specific first. */
  readonly candidates: readonly Candidate[];
}

/** For each section that any rule has for the call, who decides it. Pure. */
export function choose(
  rules: readonly CompiledRule[],
  service: string,
  method: string,
  call: CallAttributes,
): ReadonlyMap<string, Choice> {
  const bySection = new Map<string, Candidate[]>();
  for (const rule of rules) {
    const specificity = rule.match(service, method, call);
    if (specificity === undefined) continue;
    for (const section of rule.rule.sections.values()) {
      const candidate = { rule, section, specificity };
      const list = bySection.get(section.name);
      if (list === undefined) bySection.set(section.name, [candidate]);
      else list.push(candidate);
    }
  }
  const choices = new Map<string, Choice>();
  for (const [section, candidates] of bySection) {
    // The reader refuses ties; the position keeps even a set that was not read from a document deterministic.
    candidates.sort((a, b) => compareSpecificity(b.specificity, a.specificity) || a.rule.position - b.rule.position);
    choices.set(section, {
      section,
      enforced: candidates.find(({ rule }) => !rule.rule.shadow),
      shadow: candidates.find(({ rule }) => rule.rule.shadow),
      candidates,
    });
  }
  return choices;
}
