import { specificityNames } from "./matching/compiled-rule.js";
import { unitRange, units } from "./reading/read-scalar.js";
import { matchFields, ruleFields, sectionSpec, windowFields } from "./rule-document.js";
import type { FieldSpec, Fields, SectionSpec } from "./section.js";

const intro = `# Traffic policy

The rules of \`packages/govern\`: what a document may say, with limits and defaults. Written by \`npm run traffic-policy\`
from the code; a gate fails when the two differ. Do not edit it by hand. \`sampan rules schema\` prints the same as a
JSON Schema (2020-12); YAML and JSON are both read.

Durations are written \`500ms\`, \`10s\`, \`1m30s\`; sizes \`16MB\` or \`64KiB\`; ratios \`25%\` or \`0.25\`; rates \`500/s\`,
\`30000/m\` or \`1/5s\`. A single value stands for a list of one.

## Which rule decides

Each section of a call is decided by the one rule that matches the call, holds at that time, has the section, and is the
most specific. Sections of different rules add up; the fields of a section never do. Compared in this order, the first
difference decides: ${specificityNames.join(", ")}. A name without \`*\` is more specific than any pattern, a pattern more
the more letters it has, and either more than saying nothing. Two rules of which neither is more specific are refused.

A shadow rule never takes a call from a rule that is enforced: it stands beside it and counts. In a file, a rule with the
name of a preset's rule replaces it.
`;

/** The reference page of rule documents. */
export function rulesPage(sections: readonly SectionSpec[]): string {
  const names = new Set(sections.map(({ name }) => name));
  const own = Object.fromEntries(Object.entries(ruleFields(sections)).filter(([name]) => !names.has(name)));
  const parts = [
    intro,
    `## A rule\n\n${table({ ...own, match: { ...(own.match as FieldSpec) } as FieldSpec }, false)}`,
    `## match\n\n${table(matchFields)}`,
    `## during\n\n${table(windowFields)}`,
    ...sections.map((section) => {
      const spec = sectionSpec(section);
      const where = `Acts on the ${section.sides.join(" or the ")}.`;
      const short = section.short === undefined ? "" : ` A value that is no map is \`${section.short}\`.`;
      const one = (section.exactlyOne ?? []).map((group) => ` Exactly one of ${code(group)}.`).join("");
      return `## ${section.name}\n\n${section.doc} ${where}${short}${one}\n\n${table(spec.fields)}`;
    }),
  ];
  return `${parts.join("\n")}`;
}

function table(fields: Fields, nested = true): string {
  const rows = rowsOf(fields, "", nested);
  return ["| field | takes | default | |", "|---|---|---|---|", ...rows, ""].join("\n");
}

function rowsOf(fields: Fields, prefix: string, nested: boolean): string[] {
  return Object.entries(fields).flatMap(([name, field]) => {
    const row = `| ${[`\`${prefix}${name}\``, takes(field), defaultOf(field), cellText(field.doc)].join(" | ")} |`;
    return field.kind === "object" && nested ? [row, ...rowsOf(field.fields, `${prefix}${name}.`, nested)] : [row];
  });
}

function defaultOf(field: FieldSpec): string {
  if (field.required === true) return "required";
  if (field.default === undefined) return "";
  const text = typeof field.default === "string" ? field.default : JSON.stringify(field.default);
  return text === "{}" || text === "[]" ? "" : `\`${text}\``;
}

function takes(field: FieldSpec): string {
  switch (field.kind) {
    case "choice":
      return code(field.of);
    case "list":
      return `list of ${takes(field.items)}, up to ${field.maxItems ?? 100}`;
    case "map":
      return `names to ${takes(field.values)}, up to ${field.maxItems ?? 100}`;
    case "object":
      return "map";
    case "json":
      return "anything";
    case "boolean":
      return "true or false";
    case "text":
      return cellText(field.patternMeans ?? "text");
    case "integer":
    case "number":
      return `${field.kind === "integer" ? "whole number" : "number"}${range(field.min, field.max)}`;
    default: {
      const { format } = units[field.kind];
      const { min, max } = unitRange(field);
      const top = max >= Number.MAX_SAFE_INTEGER ? undefined : format(max);
      return `${field.kind}${range(min === 0 ? undefined : format(min), top)}`;
    }
  }
}

function range(min: unknown, max: unknown): string {
  if (min === undefined && max === undefined) return "";
  return min === undefined ? `, at most ${max}` : max === undefined ? `, at least ${min}` : `, ${min} to ${max}`;
}

function code(words: readonly string[]): string {
  return words.map((word) => `\`${word}\``).join(", ");
}

function cellText(text: string): string {
  return text.replaceAll("|", "\\|").replaceAll("\n", " ");
}
