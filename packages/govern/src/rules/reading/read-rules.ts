import { RuleErrors } from "../error.js";
import { defaultRuleLimits, type RuleLimits } from "../limits.js";
import type { Rule, RuleSet } from "../model.js";
import { documentSpec } from "../rule-document.js";
import type { SectionSpec } from "../section.js";
import { findContradictions } from "./contradictions.js";
import { readDocument } from "./document.js";
import { problemText, type RuleProblem } from "./problems.js";
import { readValue } from "./read-value.js";
import { ruleOf, type WrittenRule } from "./rule-of.js";
import { bad, isMap } from "./written.js";

export interface ReadOptions {
  /** What a rule can have. */
  readonly sections: readonly SectionSpec[];
  readonly limits?: Partial<RuleLimits>;
  /** The rules yield to equally specific ones that are not from a preset. Default false. */
  readonly preset?: boolean;
}

/** What a document says, or everything that is wrong with it. */
export type ReadResult =
  | { readonly rules: RuleSet; readonly problems?: undefined }
  | { readonly rules?: undefined; readonly problems: readonly RuleProblem[] };

/** Reads a rule document, YAML or JSON. Never throws for what is written in it. */
export function readRules(text: string, options: ReadOptions): ReadResult {
  const limits = { ...defaultRuleLimits, ...options.limits };
  const { value, problems } = readDocument(text, limits);
  if (problems.list.length > 0) return { problems: problems.list };
  // Of rules that are wrong in themselves nothing more is said: what follows from them would be noise.
  const document = readValue(documentSpec(options.sections, limits.maxRules), value, [], problems);
  if (document === bad) return { problems: problems.list };
  const written = isMap(value) && Array.isArray(value.rules) ? value.rules : isMap(value) ? [value.rules] : [];
  const rules: Rule[] = [];
  for (const [index, rule] of (document as { rules: WrittenRule[] }).rules.entries()) {
    const path = isMap(value) && Array.isArray(value.rules) ? ["rules", index] : ["rules"];
    rules.push(ruleOf(rule, written[index], path, { ...options, preset: options.preset ?? false }, problems));
  }
  const pathOf = (index: number) => (isMap(value) && Array.isArray(value.rules) ? ["rules", index] : ["rules"]);
  findContradictions(rules, pathOf, problems);
  return problems.list.length > 0 ? { problems: problems.list } : { rules: { rules } };
}

/** Throws `RULES_INVALID` with every problem, each on a line of its own after `source`. */
export function requireRules(text: string, source: string, options: ReadOptions): RuleSet {
  const { rules, problems } = readRules(text, options);
  if (problems === undefined) return rules;
  const lines = problems.map((problem) => problemText(source, problem)).join("\n");
  throw RuleErrors.RULES_INVALID({ source, count: String(problems.length), problems: lines });
}
