import type { JsonObject } from "../../json-fields.js";

/** Neither vendor documents forms by kind; longer values are refused as too long. */
const longestValue = 40;

/** The values of exactly the template's keywords; undefined when one is missing, too much, empty or too long. */
export function templateValues(
  data: JsonObject | undefined,
  keywords: readonly string[],
  textOf: (entry: unknown) => string | undefined,
): Record<string, string> | undefined {
  if (data === undefined || Object.keys(data).length !== keywords.length) return undefined;
  const values: Record<string, string> = {};
  for (const keyword of keywords) {
    const value = Object.hasOwn(data, keyword) ? textOf(data[keyword]) : undefined;
    if (value === undefined || value === "" || [...value].length > longestValue) return undefined;
    values[keyword] = value;
  }
  return values;
}
