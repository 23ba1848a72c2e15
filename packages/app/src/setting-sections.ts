import type { SettingSections } from "@sampan/config";
import type { Dependency } from "./dependency.js";
import { requireDistinctNames } from "./names.js";
import { ProcessSettings } from "./process-settings.js";
import type { ServiceModule } from "./service.js";

/**
 * The settings of a process that runs these services: its own, theirs, and those of everything that they need. For
 * `describeSettings` of `@sampan/config`. Throws `TypeError` when two parts would share a section.
 */
export function settingSections(services: readonly ServiceModule[]): SettingSections {
  requireDistinctNames(services);
  const sections: Record<string, SettingSections[string]> = { process: ProcessSettings };
  for (const module of services) sections[module.name] = module.settings;
  for (const module of services) {
    for (const dependency of Object.values(module.needs) as Dependency<unknown>[]) {
      if (dependency.settings !== undefined) sections[dependency.name] = dependency.settings;
    }
  }
  return sections;
}
