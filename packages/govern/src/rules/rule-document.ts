import { fieldSchema, type JsonSchema } from "./json-schema.js";
import type { ObjectSpec } from "./reading/read-value.js";
import type { FieldSpec, Fields, SectionSpec } from "./section.js";

const glob = (doc: string, as: string): FieldSpec => ({
  kind: "list",
  as,
  doc,
  minItems: 1,
  items: {
    kind: "text",
    doc: "a name; `*` stands for any characters",
    pattern: "^[^\\s]+$",
    patternMeans: "a name without spaces",
  },
});

const labels = (doc: string, as: string): FieldSpec => ({
  kind: "map",
  as,
  doc,
  default: {},
  maxItems: 20,
  values: {
    kind: "list",
    doc: "values, of which the call's label must be one",
    minItems: 1,
    items: {
      kind: "text",
      doc: "a value; `*` stands for any characters",
      pattern: "^[^\\s]+$",
      patternMeans: "a value without spaces",
    },
  },
});

/** What calls a rule is for. What is left out matches everything. */
export const matchFields: Fields = {
  service: glob("full names of services, such as order.v1.OrderService or order.*", "services"),
  method: glob("names of methods, such as Login or Get*", "methods"),
  tenant: glob("tenants", "tenants"),
  caller: glob("calling services, such as gateway; of a SPIFFE identity the last part", "callers"),
  release: glob("release tags; stable is the release without a tag", "releases"),
  labels: labels("labels of the call (its baggage), each of which must match", "labels"),
  matchLabels: labels("another name for labels", "matchLabels"),
};

const time = "^([01]\\d|2[0-3]):[0-5]\\d$";

/** A part of the day in which a rule holds. */
export const windowFields: Fields = {
  from: {
    kind: "text",
    required: true,
    doc: "the first minute, such as 07:50",
    pattern: time,
    patternMeans: "a time such as 07:50",
  },
  to: {
    kind: "text",
    required: true,
    doc: "the minute when it ends, such as 08:30; up to 24:00; before `from` it is on the next day",
    pattern: "^(([01]\\d|2[0-3]):[0-5]\\d|24:00)$",
    patternMeans: "a time such as 08:30",
  },
  timezone: { kind: "text", default: "UTC", doc: "of the IANA list, such as Asia/Shanghai", maxLength: 64 },
  days: {
    kind: "list",
    doc: "days of the week on which it begins; default every day",
    items: { kind: "choice", of: ["mon", "tue", "wed", "thu", "fri", "sat", "sun"], doc: "a day" },
    minItems: 1,
    maxItems: 7,
    default: ["mon", "tue", "wed", "thu", "fri", "sat", "sun"],
  },
  dates: {
    kind: "list",
    doc: "dates on which it begins, such as 2026-11-11, instead of every one; `days` must hold too",
    items: {
      kind: "text",
      doc: "a date",
      pattern: "^\\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\\d|3[01])$",
      patternMeans: "a date such as 2026-11-11",
    },
    minItems: 1,
    maxItems: 366,
  },
};

/** The field of sections that can act on either side. */
export const sideField = "side";

/** The form of a section, with `side` where there is a choice. */
export function sectionSpec(section: SectionSpec): ObjectSpec {
  const { doc, sides, fields, short, exactlyOne } = section;
  const side: FieldSpec = { kind: "choice", of: sides, default: sides[0], doc: "where it acts" };
  return {
    kind: "object",
    doc,
    fields: sides.length > 1 ? { ...fields, [sideField]: side } : fields,
    ...(short === undefined ? {} : { short }),
    ...(exactlyOne === undefined ? {} : { exactlyOne }),
  };
}

/** The short form of `limit: { rate }`, as the needs of users name it. */
export const maxRequestsPerSecond = "maxRequestsPerSecond";

export function ruleFields(sections: readonly SectionSpec[]): Fields {
  const fields: Record<string, FieldSpec> = {
    name: {
      kind: "text",
      required: true,
      doc: "names the rule in metrics, errors and `sampan rules explain`; once in a document",
      pattern: "^[A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?$",
      patternMeans: "a name of 1 to 63 letters, digits, `-`, `_` and `.`",
    },
    description: { kind: "text", doc: "for people", maxLength: 2000 },
    match: {
      kind: "object",
      default: {},
      doc: "the calls that it is for; what is left out matches everything",
      fields: matchFields,
    },
    during: {
      kind: "list",
      doc: "when it holds; default always",
      minItems: 1,
      items: { kind: "object", doc: "a part of the day", fields: windowFields },
    },
    shadow: { kind: "boolean", default: false, doc: "decides, counts and reports, and lets every call through" },
  };
  for (const section of sections) fields[section.name] = sectionSpec(section);
  if (sections.some(({ name, fields }) => name === "limit" && "rate" in fields)) {
    fields[maxRequestsPerSecond] = { kind: "number", min: 0.001, max: 1e9, doc: "short for `limit: { rate: N/s }`" };
  }
  return fields;
}

/** A rule document as a whole. */
export function documentSpec(sections: readonly SectionSpec[], maxRules: number): ObjectSpec {
  return {
    kind: "object",
    doc: "a set of traffic rules",
    fields: {
      rules: {
        kind: "list",
        required: true,
        doc: "the rules; of those that match a call the most specific one with a section decides it",
        maxItems: maxRules,
        items: { kind: "object", doc: "a rule", fields: ruleFields(sections) },
      },
    },
  };
}

/** The JSON Schema (2020-12) of rule documents, for editors and other tools. */
export function documentSchema(sections: readonly SectionSpec[], maxRules: number): JsonSchema {
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title: "Sampan traffic rules",
    ...fieldSchema(documentSpec(sections, maxRules)),
  };
}
