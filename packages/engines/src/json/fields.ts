export type JsonRecord = Readonly<Record<string, unknown>>;

/** The value as a record, an empty one when it is none: answers are read as what they should be, and checked where used. */
export function record(value: unknown): JsonRecord {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as JsonRecord) : {};
}

export function array(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

export function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

/** A number, also from text (JSON writes 64-bit integers as text); NaN when it is none. */
export function number(value: unknown): number {
  if (typeof value === "number") return value;
  return typeof value === "string" && value !== "" ? Number(value) : Number.NaN;
}

/** Only the entries whose values are text. */
export function texts(value: unknown): Record<string, string> {
  const found: Record<string, string> = {};
  for (const [key, each] of Object.entries(record(value))) if (typeof each === "string") found[key] = each;
  return found;
}
