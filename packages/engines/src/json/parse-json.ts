import { EngineErrors } from "../errors.js";

/** The parsed text. Throws `BAD_ANSWER` for what is no JSON. */
export function parseJson(engine: string, source: string): unknown {
  try {
    return JSON.parse(source);
  } catch {
    const shown = source.length > 80 ? `${source.slice(0, 80)}…` : source;
    throw EngineErrors.BAD_ANSWER({ engine, why: `this is no JSON: ${shown}` });
  }
}
