import { readFileSync, statSync } from "node:fs";
import type { Layout } from "../layout.js";
import { nearest } from "../nearest.js";
import { type SettingsProblem, unknownName } from "../settings-error.js";
import type { Found, SettingsSource, SourceContents } from "./source.js";

/** More than people write; a wrong path to something huge is refused. */
const maxFileBytes = 1_000_000;

export interface FileOptions {
  /** A file that does not exist is then a problem. Default false: it holds nothing. */
  readonly required?: boolean;
}

/** A JSON file of sections: `{ "order": { "paymentWindow": "5m" } }`. Read at each reading. */
export function fileSource(path: string, options: FileOptions = {}): SettingsSource {
  return {
    plainSecrets: false,
    read(layout) {
      let text: string;
      try {
        if (statSync(path).size > maxFileBytes) return broken(path, "is larger than 1 MB");
        text = readFileSync(path, "utf8");
      } catch (error) {
        const missing = (error as NodeJS.ErrnoException).code === "ENOENT";
        if (missing && options.required !== true) return { found: [], problems: [] };
        return broken(path, missing ? "does not exist" : `cannot be read: ${(error as NodeJS.ErrnoException).code}`);
      }
      return parse(text.replace(/^\ufeff/, ""), path, layout);
    },
  };
}

function parse(text: string, path: string, layout: Layout): SourceContents {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch (error) {
    return broken(path, `is not JSON${place(text, error as Error)}`);
  }
  if (!isObject(document)) return broken(path, "does not hold an object of sections");
  const found: Found[] = [];
  const problems: SettingsProblem[] = [];
  for (const [section, fields] of Object.entries(document)) {
    if (layout.elsewhere.has(section) && !layout.sections.has(section)) continue;
    if (!layout.sections.has(section)) {
      problems.push(unknownName(section, path, nearest(section, layout.sections)));
    } else if (!isObject(fields)) {
      const fix = `write { "${section}": { "name": value } }`;
      problems.push({ setting: section, source: path, problem: "is not an object of settings", fix });
    } else {
      for (const [key, raw] of Object.entries(fields)) {
        const slot = layout.byName.get(`${section}.${key}`);
        if (slot !== undefined) found.push({ slot, raw, form: "data", from: path });
        else problems.push(unknownName(`${section}.${key}`, path, nearest(`${section}.${key}`, layout.byName.keys())));
      }
    }
  }
  return { found, problems };
}

function broken(path: string, problem: string): SourceContents {
  return { found: [], problems: [{ setting: "", source: path, problem, fix: "correct the file, or remove it" }] };
}

/** The line and column, which JSON.parse gives as a position only, and not always. */
function place(text: string, error: Error): string {
  const position = /at position (\d+)/.exec(error.message)?.[1];
  if (position === undefined) return "";
  const lines = text.slice(0, Number(position)).split("\n");
  return ` (line ${lines.length}, column ${(lines.at(-1) as string).length + 1})`;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
