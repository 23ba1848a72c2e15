import { SettingsError, type SettingsProblem } from "@sampan/config";
import type { Dependency, OneProcessOnly } from "../dependency.js";
import { nameOf } from "../open-dependencies.js";
import type { ServiceModule } from "../service.js";

/** The part of the settings that decides. */
export interface DecidingSettings {
  section(name: string): Readonly<Record<string, unknown>>;
}

/** What keeps services from running in several workers, for each of their needs that does; empty when nothing does. */
export function oneProcessOnly(modules: readonly ServiceModule[], settings: DecidingSettings): OneProcessNeed[] {
  const found = new Map<string, OneProcessNeed>();
  for (const module of modules) {
    for (const dependency of Object.values(module.needs) as Dependency<unknown>[]) {
      const refusal = dependency.oneProcessOnly?.(settings.section(dependency.name));
      if (refusal !== undefined) {
        const need = nameOf(dependency, module.name);
        found.set(need, { need, ...refusal });
      }
    }
  }
  return [...found.values()];
}

export interface OneProcessNeed extends OneProcessOnly {
  /** `sql of order` */
  readonly need: string;
}

/** Throws `SettingsError` when the services cannot run in several workers, with every reason. */
export function requireSeveralProcesses(
  modules: readonly ServiceModule[],
  settings: DecidingSettings,
  workers: number | "auto",
): void {
  const problems = oneProcessOnly(modules, settings).map(
    ({ need, why, fix }): SettingsProblem => ({
      setting: "process.workers",
      source: "settings",
      value: String(workers),
      problem: `cannot be more than 1 here: ${need} ${why}`,
      fix,
    }),
  );
  if (problems.length > 0) throw new SettingsError(problems);
}
