import { type DescEnum, type DescField, ScalarType } from "@bufbuild/protobuf";
import type { FieldRules } from "@sampan/protos/sampan/v1/options_pb.js";
import type { Violations } from "./violations.js";

/** Checks one value: a scalar, or an entry of a list or map. */
export type ValueCheck = (value: unknown, found: Violations) => void;

/** What a value is, for choosing the rules that it can have. */
export type ValueKind = "text" | "bytes" | "integer" | "long" | "decimal" | "other";

const kinds: Partial<Record<ScalarType, ValueKind>> = {
  [ScalarType.STRING]: "text",
  [ScalarType.BYTES]: "bytes",
  [ScalarType.INT32]: "integer",
  [ScalarType.SINT32]: "integer",
  [ScalarType.UINT32]: "integer",
  [ScalarType.FIXED32]: "integer",
  [ScalarType.SFIXED32]: "integer",
  [ScalarType.INT64]: "long",
  [ScalarType.SINT64]: "long",
  [ScalarType.UINT64]: "long",
  [ScalarType.FIXED64]: "long",
  [ScalarType.SFIXED64]: "long",
  [ScalarType.DOUBLE]: "decimal",
  [ScalarType.FLOAT]: "decimal",
};

export function kindOf(type: ScalarType | DescEnum | undefined): ValueKind {
  return typeof type === "number" ? (kinds[type] ?? "other") : "other";
}

/** The rules about a value itself, as one function; undefined when there are none. Throws `TypeError` for a rule that cannot be. */
export function valueCheck(field: DescField, rules: FieldRules, kind: ValueKind): ValueCheck | undefined {
  const { minLen, maxLen, min, max, pattern } = rules;
  const checks: ValueCheck[] = [];
  if (minLen !== undefined || maxLen !== undefined) {
    if (kind !== "text" && kind !== "bytes") throw badRule(field, "min_len and max_len are for strings and bytes");
    checks.push(lengthCheck(field, kind, minLen, maxLen));
  }
  if (min !== undefined || max !== undefined) {
    if (kind === "integer" || kind === "decimal") checks.push(numberCheck(field, min, max));
    else if (kind === "long") checks.push(longCheck(field, min, max));
    else throw badRule(field, "min and max are for numbers");
  }
  if (pattern !== "") {
    if (kind !== "text") throw badRule(field, "pattern is for strings");
    checks.push(patternCheck(field, pattern));
  }
  if (checks.length < 2) return checks[0];
  return (value, found) => {
    for (const check of checks) check(value, found);
  };
}

export function badRule(field: DescField, problem: string): TypeError {
  return new TypeError(`the rules of ${field.parent.typeName}.${field.name} cannot be: ${problem}`);
}

/** The two limits of a pair, which must leave something between them. */
export function inOrder<T extends number | bigint>(
  field: DescField,
  name: string,
  low: T | undefined,
  high: T | undefined,
): void {
  if (low !== undefined && high !== undefined && low > high) {
    throw badRule(field, `min${name} is ${low}, more than max${name}, which is ${high}`);
  }
}

function lengthCheck(
  field: DescField,
  kind: "text" | "bytes",
  minLen: number | undefined,
  maxLen: number | undefined,
): ValueCheck {
  inOrder(field, "_len", minLen, maxLen);
  const low = minLen ?? 0;
  const high = maxLen ?? Number.POSITIVE_INFINITY;
  const unit = kind === "text" ? "characters" : "bytes";
  const atLeast = `must have at least ${low} ${unit}`;
  const atMost = `must have at most ${high} ${unit}`;
  return (value, found) => {
    // UTF-16 units are never fewer than code points and never more than twice as many, so most texts need no counting.
    let length = (value as string | Uint8Array).length;
    if (typeof value === "string" && (length > high || length < low * 2)) length = codePoints(value);
    if (length < low) found.add("MIN_LEN", atLeast);
    else if (length > high) found.add("MAX_LEN", atMost);
  };
}

function codePoints(text: string): number {
  let count = 0;
  for (const _ of text) count++;
  return count;
}

function numberCheck(field: DescField, min: bigint | undefined, max: bigint | undefined): ValueCheck {
  inOrder(field, "", min, max);
  const low = min === undefined ? Number.NEGATIVE_INFINITY : Number(min);
  const high = max === undefined ? Number.POSITIVE_INFINITY : Number(max);
  return (value, found) => {
    // Negated, because NaN is on neither side of a limit and within none.
    if (!((value as number) >= low)) found.add("MIN", `must be at least ${min ?? "a number"}`);
    else if (!((value as number) <= high)) found.add("MAX", `must be at most ${max}`);
  };
}

function longCheck(field: DescField, min: bigint | undefined, max: bigint | undefined): ValueCheck {
  inOrder(field, "", min, max);
  return (value, found) => {
    const long = typeof value === "bigint" ? value : BigInt(value as string);
    if (min !== undefined && long < min) found.add("MIN", `must be at least ${min}`);
    else if (max !== undefined && long > max) found.add("MAX", `must be at most ${max}`);
  };
}

function patternCheck(field: DescField, pattern: string): ValueCheck {
  let compiled: RegExp;
  try {
    // On its own first: within the group, `a)(b` would compile and mean something else.
    new RegExp(pattern, "u");
    compiled = new RegExp(`^(?:${pattern})$`, "u");
  } catch (cause) {
    throw badRule(field, `the pattern ${pattern} does not compile: ${(cause as Error).message}`);
  }
  const description = `must match ${pattern}`;
  return (value, found) => {
    if (!compiled.test(value as string)) found.add("PATTERN", description);
  };
}
