import { existsSync, readFileSync, statSync } from "node:fs";
import { defaultDocumentLimits } from "../document/limits.js";
import { readSections, textProblems } from "../document/read-sections.js";
import { readText } from "../document/read-text.js";
import type { SettingsSource, SourceContents } from "./source.js";

export interface FileOptions {
  /** A file that does not exist is then a problem. Default false: it holds nothing. */
  readonly required?: boolean;
  /** A larger file is not read. Default 500,000 bytes. */
  readonly maxBytes?: number;
}

/** The names that a file may have, without its folder and its first part. */
export const fileEndings: readonly string[] = [".yaml", ".yml", ".json"];

/**
 * A YAML or JSON file of sections: `order: { paymentWindow: 5m }`. Read at each reading. Problems and values name line
 * and column: `config/default.yaml:3:5`.
 */
export function fileSource(path: string, options: FileOptions = {}): SettingsSource {
  return {
    plainSecrets: false,
    files: [path],
    read(layout) {
      const limits = { ...defaultDocumentLimits, maxBytes: options.maxBytes ?? defaultDocumentLimits.maxBytes };
      let text: string;
      try {
        if (statSync(path).size > limits.maxBytes) return broken(path, `is larger than ${limits.maxBytes} bytes`);
        text = readFileSync(path, "utf8");
      } catch (error) {
        const missing = (error as NodeJS.ErrnoException).code === "ENOENT";
        if (missing && options.required !== true) return { found: [], problems: [] };
        return broken(path, missing ? "does not exist" : `cannot be read: ${(error as NodeJS.ErrnoException).code}`);
      }
      const reading = readText(text, limits);
      if ("problems" in reading) return { found: [], problems: textProblems(reading.problems, path) };
      return readSections(reading.document, path, layout);
    },
  };
}

/** The file of that name, whichever ending it has: `config/default` for `config/default.yaml`. Two of them are a problem. */
export function namedFileSource(base: string, options: FileOptions = {}): SettingsSource {
  const candidates = fileEndings.map((ending) => `${base}${ending}`);
  return {
    plainSecrets: false,
    files: candidates,
    read(layout) {
      const [path = candidates[0] as string, other] = candidates.filter((candidate) => existsSync(candidate));
      const contents = fileSource(path, options).read(layout);
      if (other === undefined) return contents;
      const problem = `stands beside ${path}, and which one holds is not clear`;
      const both = { setting: "", source: other, problem, fix: "keep one of the two" };
      return { found: contents.found, problems: [both, ...contents.problems] };
    },
  };
}

function broken(path: string, problem: string): SourceContents {
  return { found: [], problems: [{ setting: "", source: path, problem, fix: "correct the file, or remove it" }] };
}
