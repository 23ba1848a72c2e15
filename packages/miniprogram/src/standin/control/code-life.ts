import { integerField, type JsonObject } from "../../json-fields.js";

/** How long a code lives, ms: what a control request asks for, up to the platform's own time; undefined for nonsense. */
export function codeLife(body: JsonObject | undefined, usualMs: number): number | undefined {
  if (body?.lifeMs === undefined) return usualMs;
  const lifeMs = integerField(body, "lifeMs");
  return lifeMs !== undefined && lifeMs >= 0 && lifeMs <= usualMs ? lifeMs : undefined;
}

export function lifeProblem(usualMs: number): string {
  return `lifeMs is 0 to ${usualMs}`;
}
