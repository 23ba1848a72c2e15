import { type UnitSpec, unitRange, units } from "./reading/read-scalar.js";
import type { FieldSpec } from "./section.js";
import { durationPattern } from "./units/duration.js";
import { ratePattern } from "./units/rate.js";
import { ratioPattern } from "./units/ratio.js";
import { sizePattern } from "./units/size.js";

export type JsonSchema = { readonly [key: string]: unknown };

const patterns: Readonly<Record<UnitSpec["kind"], string>> = {
  duration: durationPattern,
  size: sizePattern,
  ratio: ratioPattern,
  rate: ratePattern,
};

/**
 * A field as JSON Schema 2020-12. It refuses what it can say; ranges of values with a unit are left to the reader,
 * because a pattern cannot compare `90s` with `1m`.
 */
export function fieldSchema(spec: FieldSpec): JsonSchema {
  const schema = bodyOf(spec);
  return {
    ...schema,
    description: spec.doc,
    ...(spec.default === undefined ? {} : { default: spec.default }),
  };
}

function bodyOf(spec: FieldSpec): JsonSchema {
  switch (spec.kind) {
    case "boolean":
      return { type: "boolean" };
    case "choice":
      return { enum: spec.of };
    case "text":
      return {
        type: "string",
        maxLength: spec.maxLength ?? 256,
        ...(spec.pattern === undefined ? {} : { pattern: spec.pattern }),
      };
    case "integer":
    case "number":
      return {
        type: spec.kind,
        minimum: spec.min ?? -Number.MAX_SAFE_INTEGER,
        maximum: spec.max ?? Number.MAX_SAFE_INTEGER,
      };
    case "json":
      return {};
    case "list": {
      const items = fieldSchema(spec.items);
      const { minItems = 0, maxItems = 100 } = spec;
      const list = { type: "array", items, minItems, maxItems };
      return minItems > 1 ? list : { anyOf: [{ not: { type: "array" }, ...wrapped(items) }, list] };
    }
    case "map":
      return { type: "object", additionalProperties: fieldSchema(spec.values), maxProperties: spec.maxItems ?? 100 };
    case "object":
      return objectSchema(spec);
    default:
      return unitSchema(spec);
  }
}

/** Beside `not`, so that a list is never taken for one entry. */
function wrapped(items: JsonSchema): JsonSchema {
  return { allOf: [items] };
}

function objectSchema(spec: Extract<FieldSpec, { kind: "object" }>): JsonSchema {
  const required = Object.keys(spec.fields).filter((name) => spec.fields[name]?.required === true);
  const groups = (spec.exactlyOne ?? []).map((group) => ({
    oneOf: group.map((name) => ({ properties: { [name]: true }, required: [name] })),
  }));
  const object = {
    type: "object",
    properties: Object.fromEntries(Object.entries(spec.fields).map(([name, field]) => [name, fieldSchema(field)])),
    additionalProperties: false,
    ...(required.length === 0 ? {} : { required }),
    ...(groups.length === 0 ? {} : { allOf: groups }),
  };
  const short = spec.short === undefined ? undefined : spec.fields[spec.short];
  if (short === undefined) return object;
  return { anyOf: [{ not: { enum: [null] }, allOf: [{ not: { type: "object" } }, fieldSchema(short)] }, object] };
}

function unitSchema(spec: UnitSpec): JsonSchema {
  const text = { type: "string", pattern: patterns[spec.kind] };
  const { min, max } = unitRange(spec);
  const { plain } = units[spec.kind];
  if (plain === "zero") return min > 0 ? text : { anyOf: [{ const: 0 }, text] };
  return { anyOf: [{ type: plain === "whole" ? "integer" : "number", minimum: min, maximum: max }, text] };
}
