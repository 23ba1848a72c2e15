import { join } from "node:path";
import { type CodeValues, codeSource } from "./code.js";
import { environmentSource } from "./environment.js";
import { fileSource } from "./file.js";
import { flagsSource } from "./flags.js";
import type { SettingsSource } from "./source.js";

export interface ProcessSources {
  /** Set in code: stands above everything. */
  readonly set?: CodeValues | Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  /** Flags, without the program. Default none. */
  readonly argv?: readonly string[];
  /** Default `process.env`. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Where `default.json` and `<environment>.json` are. Default `config`. */
  readonly folder?: string;
  /** Which file stands above `default.json`. Default `SAMPAN_ENV`, or `development`. */
  readonly environment?: string;
}

/**
 * The sources of a process, the highest first: set in code, flags, environment, `<environment>.json`, `default.json`.
 * Throws `TypeError` for an environment that is not a plain name, because it becomes part of a path.
 */
export function processSources(options: ProcessSources = {}): readonly SettingsSource[] {
  const env = options.env ?? process.env;
  const environment = options.environment ?? (env.SAMPAN_ENV || "development");
  if (!/^[a-z0-9][a-z0-9-]*$/.test(environment)) {
    throw new TypeError(`environment ${JSON.stringify(environment)}: use lower-case letters, digits and "-"`);
  }
  const folder = options.folder ?? "config";
  return [
    codeSource(options.set ?? {}),
    flagsSource(options.argv ?? []),
    environmentSource(env),
    fileSource(join(folder, `${environment}.json`)),
    fileSource(join(folder, "default.json")),
  ];
}
