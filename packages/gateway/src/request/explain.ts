import {
  type DescField,
  type DescMessage,
  type DescOneof,
  fromJson,
  type JsonObject,
  type JsonValue,
  type Registry,
} from "@bufbuild/protobuf";
import { expectation, hasOwnJson } from "./expectation.js";
import { fieldNamed } from "./fields.js";
import { entryName, maxViolations, type Violation, type ViolationReason } from "./violations.js";

/**
 * Says which fields of a JSON value are wrong and why, after `fromJson` has refused the value: `fromJson` stops at the
 * first and knows no path. This is the slow path, and its verdict on each single value is still that of `fromJson`, so
 * the two cannot disagree. Empty when every part is fine by itself.
 */
export function explain(desc: DescMessage, json: JsonValue, registry: Registry): Violation[] {
  const explainer = new Explainer(registry);
  explainer.message(desc, json, "");
  return explainer.violations;
}

/** The same for one field of a message, such as a body that is a field. */
export function explainField(field: DescField, json: JsonValue, registry: Registry): Violation[] {
  const explainer = new Explainer(registry);
  explainer.field(field, json, field.jsonName);
  return explainer.violations;
}

class Explainer {
  readonly violations: Violation[] = [];
  readonly #registry: Registry;

  constructor(registry: Registry) {
    this.#registry = registry;
  }

  message(desc: DescMessage, json: JsonValue, path: string): void {
    if (!isObject(json)) {
      this.#add(path, "TYPE", "must be an object");
      return;
    }
    const seen = new Set<DescField>();
    const oneofs = new Map<DescOneof, DescField>();
    for (const [key, value] of Object.entries(json)) {
      if (this.violations.length >= maxViolations) return;
      const field = fieldNamed(desc, key);
      const at = path === "" ? (field?.jsonName ?? key) : `${path}.${field?.jsonName ?? key}`;
      if (field === undefined) {
        this.#add(at, "UNKNOWN", "is not a field of this message");
        continue;
      }
      if (seen.has(field)) this.#add(at, "TWICE", "is given twice, under its two names");
      seen.add(field);
      const other = field.oneof === undefined || value === null ? undefined : oneofs.get(field.oneof);
      if (other !== undefined) this.#add(at, "CONFLICT", `cannot be given together with ${other.jsonName}`);
      if (field.oneof !== undefined && value !== null) oneofs.set(field.oneof, field);
      this.field(field, value, at);
    }
  }

  field(field: DescField, json: JsonValue, path: string): void {
    if (json === null) return;
    if (field.fieldKind === "list") this.#list(field, json, path);
    else if (field.fieldKind === "map") this.#map(field, json, path);
    else if (field.message !== undefined && !hasOwnJson(field.message)) this.message(field.message, json, path);
    else if (!this.#accepts(field, json)) this.#add(path, "TYPE", expectation(field));
  }

  #list(field: DescField, json: JsonValue, path: string): void {
    if (!Array.isArray(json)) {
      this.#add(path, "TYPE", "must be a list");
      return;
    }
    for (const [index, item] of json.entries()) {
      if (this.violations.length >= maxViolations) return;
      this.#entry(field, item, [item], `${path}[${index}]`);
    }
  }

  #map(field: DescField, json: JsonValue, path: string): void {
    if (!isObject(json)) {
      this.#add(path, "TYPE", "must be an object");
      return;
    }
    for (const [key, value] of Object.entries(json)) {
      if (this.violations.length >= maxViolations) return;
      this.#entry(field, value, { [key]: value }, entryName(path, key, field));
    }
  }

  #entry(field: DescField, value: JsonValue, alone: JsonValue, path: string): void {
    if (value !== null && field.message !== undefined && !hasOwnJson(field.message))
      this.message(field.message, value, path);
    else if (!this.#accepts(field, alone))
      this.#add(path, "TYPE", value === null ? "must not be null" : expectation(field));
  }

  #accepts(field: DescField, json: JsonValue): boolean {
    try {
      fromJson(field.parent, { [field.jsonName]: json }, { registry: this.#registry });
      return true;
    } catch {
      return false;
    }
  }

  #add(field: string, reason: ViolationReason, description: string): void {
    this.violations.push({ field, reason, description });
  }
}

function isObject(json: JsonValue): json is JsonObject {
  return typeof json === "object" && json !== null && !Array.isArray(json);
}
