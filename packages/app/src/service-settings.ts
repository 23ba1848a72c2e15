import {
  type CodeValues,
  codeSource,
  type ExplainedSetting,
  environmentName,
  type ProcessSources,
  processSources,
  readSettings,
  type SettingSections,
  SettingsError,
  type SettingsResult,
  type SettingsSource,
} from "@sampan/config";
import type { ProcessSettings } from "./process-settings.js";
import type { ServiceModule } from "./service.js";
import { settingSections } from "./setting-sections.js";

/** Where the settings of a process come from, the highest first: `set`, flags, environment, files, `defaults`. */
export interface SettingsOptions extends ProcessSources {
  /** What a program chooses for those who say nothing: below every other source, above the declared defaults. */
  readonly defaults?: CodeValues | SectionValues;
  /** Sections of other processes that use the same files and variables; their names are not reported as unknown. */
  readonly elsewhere?: Iterable<string>;
}

/** Values by section and name. */
export type SectionValues = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** The settings of a process, all of them right. */
export interface ServiceSettings {
  readonly process: ProcessSettings;
  /** Those of a service or dependency; empty for one that declares none. */
  section(name: string): Readonly<Record<string, unknown>>;
  /** Each value and where it comes from, secrets masked. */
  explain(): readonly ExplainedSetting[];
}

/**
 * Reads and checks the settings of services and of what they need; opens nothing. Throws one `SettingsError` with
 * everything that is wrong. Without options: flags, environment and files of this process.
 */
export function readServiceSettings(services: readonly ServiceModule[], options?: SettingsOptions): ServiceSettings {
  const { above, below, elsewhere } = settingsSources(options);
  return serviceSettingsOf(readSettings(settingSections(services), [...above, ...below], { elsewhere }));
}

/** The sources that options stand for. Published settings stand between the two lists. */
export function settingsSources(options?: SettingsOptions): {
  readonly above: readonly SettingsSource[];
  readonly below: readonly SettingsSource[];
  readonly elsewhere: Iterable<string>;
  /** Of files and published settings. */
  readonly environment: string;
} {
  const { defaults = {}, elsewhere = [], ...sources } = options ?? { argv: process.argv.slice(2) };
  return { above: sourcesOf(sources), below: [codeSource(defaults)], elsewhere, environment: environmentName(sources) };
}

/** Values that were read, by section. */
export function serviceSettingsOf({ values, explain }: SettingsResult<SettingSections>): ServiceSettings {
  const sections = values as SectionValues;
  return {
    process: sections.process as unknown as ProcessSettings,
    section: (name) => sections[name] ?? {},
    explain,
  };
}

function sourcesOf(options: ProcessSources): readonly SettingsSource[] {
  try {
    return processSources(options);
  } catch (error) {
    // The one thing that it refuses is the name of the environment, which people write too.
    if (!(error instanceof TypeError) || options.environment !== undefined) throw error;
    const fix = 'use lower-case letters, digits and "-"';
    throw new SettingsError([
      { setting: "SAMPAN_ENV", source: "environment", problem: "does not name an environment", fix },
    ]);
  }
}
