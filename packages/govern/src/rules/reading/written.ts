/** What was wrong is among the problems; there is no value. */
export const bad: unique symbol = Symbol("bad");

export function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function isScalar(value: unknown): value is string | number | boolean {
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean";
}

/** A written value as an error names it, shortened. */
export function described(value: unknown): string {
  if (value === null || value === undefined) return "empty";
  if (Array.isArray(value)) return "a list";
  return isScalar(value) ? JSON.stringify(value).slice(0, 60) : "a map";
}
