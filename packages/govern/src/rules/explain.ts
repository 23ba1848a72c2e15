import { compileRules } from "./matching/active-rules.js";
import { type CallAttributes, stableRelease } from "./matching/attributes.js";
import { type Candidate, choose } from "./matching/choose.js";
import { decidingName } from "./matching/compiled-rule.js";
import type { RuleSet } from "./model.js";
import type { FieldSpec, Fields, SectionSpec } from "./section.js";
import { formatDuration } from "./units/duration.js";
import { formatRate } from "./units/rate.js";
import { formatRatio } from "./units/ratio.js";
import { formatSize } from "./units/size.js";
import { activityAt } from "./windows/activity.js";

/** A call that is asked about. What is left out has the value of a call that says nothing of it. */
export interface AskedCall {
  readonly service: string;
  readonly method: string;
  readonly tenant?: string;
  readonly caller?: string;
  readonly release?: string;
  readonly labels?: Readonly<Record<string, string>>;
  /** Ms since the epoch. */
  readonly at: number;
}

export interface Explanation {
  readonly sections: readonly ExplainedSection[];
  /** Rules that match the call and do not hold now, with when that changes (ms since the epoch). */
  readonly asleep: readonly { readonly rule: string; readonly until: number | undefined }[];
}

export interface ExplainedSection {
  readonly section: string;
  /** The rule that decides; undefined when only shadow rules have the section. */
  readonly rule: string | undefined;
  readonly side: "client" | "server" | undefined;
  /** Field by field as rules write them; `isDefault` tells what nobody wrote, or wrote as it is anyway. */
  readonly values: readonly ExplainedValue[];
  /** Rules that match too and have the section, and why the first one wins. */
  readonly over: readonly { readonly rule: string; readonly because: string }[];
  /** The shadow rule that watches beside it. */
  readonly shadow: string | undefined;
}

export interface ExplainedValue {
  readonly field: string;
  readonly value: string;
  readonly isDefault: boolean;
}

/** Which rule decides each section of a call, and why. Pure. */
export function explain(set: RuleSet, sections: readonly SectionSpec[], call: AskedCall): Explanation {
  const attributes: CallAttributes = {
    tenant: call.tenant ?? "default",
    caller: call.caller ?? "",
    release: call.release ?? stableRelease,
    label: (name) => (Object.hasOwn(call.labels ?? {}, name) ? call.labels?.[name] : undefined),
  };
  const compiled = compileRules(set);
  const active = compiled.filter(({ rule }) => activityAt(rule.during, call.at).active);
  const choices = choose(active, call.service, call.method, attributes);
  const asleep = compiled
    .filter((rule) => !active.includes(rule) && rule.match(call.service, call.method, attributes) !== undefined)
    .map(({ rule }) => ({ rule: rule.name, until: activityAt(rule.during, call.at).until }));
  const explained: ExplainedSection[] = [];
  for (const spec of sections) {
    const choice = choices.get(spec.name);
    if (choice === undefined) continue;
    const { enforced, shadow, candidates } = choice;
    const shown = enforced ?? shadow;
    explained.push({
      section: spec.name,
      rule: enforced?.rule.rule.name,
      side: shown?.section.side,
      values: shown === undefined ? [] : valuesOf(spec.fields, shown.section.policy),
      over: candidates
        .filter((each) => each !== enforced && !each.rule.rule.shadow && enforced !== undefined)
        .map((each) => ({ rule: each.rule.rule.name, because: because(enforced as Candidate, each) })),
      shadow: shadow?.rule.rule.name,
    });
  }
  return { sections: explained, asleep };
}

function because(winner: Candidate, loser: Candidate): string {
  const name = decidingName(winner.specificity, loser.specificity);
  return name === undefined ? "stands first in the document" : `more specific in ${name}`;
}

function valuesOf(fields: Fields, policy: unknown, prefix = ""): ExplainedValue[] {
  const values: ExplainedValue[] = [];
  const record = policy as Readonly<Record<string, unknown>>;
  for (const [name, field] of Object.entries(fields)) {
    const value = record[field.as ?? name];
    if (value === undefined) continue;
    if (field.kind === "object") values.push(...valuesOf(field.fields, value, `${prefix}${name}.`));
    else {
      const text = valueText(field, value);
      values.push({ field: prefix + name, value: text, isDefault: isDefault(field, text) });
    }
  }
  return values;
}

function isDefault(field: FieldSpec, text: string): boolean {
  if (field.default === undefined) return false;
  return text === (typeof field.default === "string" ? field.default : JSON.stringify(field.default));
}

function valueText(field: FieldSpec, value: unknown): string {
  if (typeof value === "number") {
    if (field.kind === "duration") return formatDuration(value);
    if (field.kind === "size") return formatSize(value);
    if (field.kind === "ratio") return formatRatio(value);
    if (field.kind === "rate") return formatRate(value);
  }
  return typeof value === "string" ? value : JSON.stringify(value);
}
