import { nearest } from "../nearest.js";
import type { FieldSpec } from "../section.js";
import { formatDuration, parseDuration } from "../units/duration.js";
import { formatRate, parseRate } from "../units/rate.js";
import { formatRatio, parseRatio } from "../units/ratio.js";
import { formatSize, parseSize } from "../units/size.js";
import type { Path, Problems } from "./problems.js";
import { bad, described, isScalar } from "./written.js";

export type ScalarSpec = Exclude<FieldSpec, { kind: "list" | "map" | "object" | "json" }>;
export type UnitSpec = Extract<FieldSpec, { kind: "duration" | "size" | "ratio" | "rate" }>;
type NumberSpec = Extract<FieldSpec, { kind: "integer" | "number" }>;
type TextSpec = Extract<FieldSpec, { kind: "text" }>;

export interface Unit {
  parse(text: string): number | undefined;
  format(value: number): string;
  /** Whether a number may stand for itself: every one, whole ones, or only 0. */
  readonly plain: "any" | "whole" | "zero";
  readonly like: string;
}

export const units: Readonly<Record<UnitSpec["kind"], Unit>> = {
  duration: { parse: parseDuration, format: formatDuration, plain: "zero", like: "500ms, 10s or 1m30s" },
  size: { parse: parseSize, format: formatSize, plain: "whole", like: "512, 64KiB or 16MB" },
  ratio: { parse: parseRatio, format: formatRatio, plain: "any", like: "25% or 0.25" },
  rate: { parse: parseRate, format: formatRate, plain: "any", like: "500/s or 30000/m" },
};

/** The range of a unit in base units: a ratio is between 0 and 1 unless its field says otherwise. */
export function unitRange(spec: UnitSpec): { readonly min: number; readonly max: number } {
  const { parse } = units[spec.kind];
  const bound = (text: string | undefined, otherwise: number): number => {
    if (text === undefined) return otherwise;
    const value = parse(text);
    if (value === undefined) throw new TypeError(`the limit ${text} is no ${spec.kind}`);
    return value;
  };
  return { min: bound(spec.min, 0), max: bound(spec.max, spec.kind === "ratio" ? 1 : Number.MAX_SAFE_INTEGER) };
}

export function readScalar(spec: ScalarSpec, value: unknown, path: Path, problems: Problems): unknown {
  switch (spec.kind) {
    case "boolean":
      if (typeof value === "boolean") return value;
      problems.add(path, `must be true or false, not ${described(value)}`, "write true or false");
      return bad;
    case "choice": {
      if (typeof value === "string" && spec.of.includes(value)) return value;
      const meant = typeof value === "string" ? nearest(value, spec.of) : undefined;
      const fix = meant === undefined ? `use one of ${spec.of.join(", ")}` : `did you mean ${meant}?`;
      problems.add(path, `must be one of ${spec.of.join(", ")}, not ${described(value)}`, fix);
      return bad;
    }
    case "text":
      return readText(spec, value, path, problems);
    case "integer":
    case "number":
      return readNumber(spec, value, path, problems);
    default:
      return readUnit(spec, value, path, problems);
  }
}

function readText(spec: TextSpec, value: unknown, path: Path, problems: Problems): unknown {
  const { maxLength = 256, patternMeans = "what this field takes" } = spec;
  if (typeof value !== "string") {
    const fix = isScalar(value) ? `write "${value}" in quotes` : "write a text";
    problems.add(path, `must be a text, not ${described(value)}`, fix);
    return bad;
  }
  // Counted as the JSON Schema counts: in code points.
  if (value.length > maxLength && [...value].length > maxLength) {
    problems.add(path, `is longer than ${maxLength} characters`, "shorten it");
    return bad;
  }
  if (spec.pattern !== undefined && !new RegExp(spec.pattern, "u").test(value)) {
    problems.add(path, `${described(value)} is not ${patternMeans}`, `write ${patternMeans}`);
    return bad;
  }
  return value;
}

function readNumber(spec: NumberSpec, value: unknown, path: Path, problems: Problems): unknown {
  const { min = -Number.MAX_SAFE_INTEGER, max = Number.MAX_SAFE_INTEGER } = spec;
  const kind = spec.kind === "integer" ? "a whole number" : "a number";
  if (typeof value !== "number" || !Number.isFinite(value) || (spec.kind === "integer" && !Number.isInteger(value))) {
    problems.add(path, `must be ${kind}, not ${described(value)}`, `write ${kind}`);
    return bad;
  }
  if (value >= min && value <= max) return value;
  problems.add(
    path,
    `${value} is ${value < min ? `less than ${min}` : `more than ${max}`}`,
    rangeText(spec.min, spec.max),
  );
  return bad;
}

function readUnit(spec: UnitSpec, value: unknown, path: Path, problems: Problems): unknown {
  const unit = units[spec.kind];
  const read =
    typeof value === "number" ? plainNumber(unit, value) : typeof value === "string" ? unit.parse(value) : undefined;
  if (read === undefined) {
    problems.add(path, `${described(value)} is no ${spec.kind}`, `write one such as ${unit.like}`);
    return bad;
  }
  const { min, max } = unitRange(spec);
  if (read >= min && read <= max) return read;
  const why = read < min ? `less than ${unit.format(min)}` : `more than ${unit.format(max)}`;
  const beyondSchema = typeof value === "string";
  problems.add(
    path,
    `${value} is ${why}`,
    rangeText(spec.min, spec.max ?? (spec.kind === "ratio" ? "100%" : undefined)),
    {
      beyondSchema,
    },
  );
  return bad;
}

function plainNumber(unit: Unit, value: number): number | undefined {
  if (!Number.isFinite(value)) return undefined;
  if (unit.plain === "zero") return value === 0 ? 0 : undefined;
  return unit.plain === "whole" && !Number.isInteger(value) ? undefined : value;
}

function rangeText(min: unknown, max: unknown): string {
  if (min === undefined) return max === undefined ? "write a smaller number" : `write at most ${max}`;
  return max === undefined ? `write at least ${min}` : `write something from ${min} to ${max}`;
}
