import { join } from "node:path";
import { type CodeValues, codeSource } from "./code.js";
import { environmentSource } from "./environment.js";
import { fileEndings, fileSource, namedFileSource } from "./file.js";
import { flagsSource } from "./flags.js";
import type { SettingsSource } from "./source.js";

export interface ProcessSources {
  /** Set in code: stands above everything. */
  readonly set?: CodeValues | Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  /** Flags, without the program. Default none. */
  readonly argv?: readonly string[];
  /** Default `process.env`. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /**
   * Where `default` and `<environment>` are, each with one of the endings `.yaml`, `.yml` and `.json`; or a file, by its
   * ending. Of several the later stand above the earlier. Default the paths in `SAMPAN_SETTINGS`, or `config`.
   */
  readonly folder?: string | readonly string[];
  /** Which file stands above `default`. Default `SAMPAN_ENV`, or `development`. */
  readonly environment?: string;
}

/**
 * The sources of a process, the highest first: set in code, flags, environment, file of the environment, default file.
 * Throws `TypeError` for an environment that is not a plain name, because it becomes part of a path.
 */
export function processSources(options: ProcessSources = {}): readonly SettingsSource[] {
  const env = options.env ?? process.env;
  return [
    codeSource(options.set ?? {}),
    flagsSource(options.argv ?? []),
    environmentSource(env),
    ...fileSources(options, environmentName(options)),
  ];
}

/** The name of the environment that files and remote keys are for. Throws `TypeError` when it is not a plain name. */
export function environmentName(options: Pick<ProcessSources, "env" | "environment"> = {}): string {
  const environment = options.environment ?? ((options.env ?? process.env).SAMPAN_ENV || "development");
  if (!/^[a-z0-9][a-z0-9-]*$/.test(environment)) {
    throw new TypeError(`environment ${JSON.stringify(environment)}: use lower-case letters, digits and "-"`);
  }
  return environment;
}

function fileSources(options: ProcessSources, environment: string): SettingsSource[] {
  const sources: SettingsSource[] = [];
  for (const path of pathsOf(options)) {
    if (fileEndings.some((ending) => path.endsWith(ending))) sources.unshift(fileSource(path, { required: true }));
    else sources.unshift(namedFileSource(join(path, environment)), namedFileSource(join(path, "default")));
  }
  return sources;
}

function pathsOf({ folder, env = process.env }: ProcessSources): readonly string[] {
  if (folder !== undefined) return typeof folder === "string" ? [folder] : folder;
  const named = (env.SAMPAN_SETTINGS ?? "").split(",").filter((path) => path !== "");
  return named.length > 0 ? named : ["config"];
}
