import type { SettingSections } from "@sampan/config";
import { AccessSettings } from "./access/access-settings.js";
import { AuditSettings } from "./audit/audit-settings.js";
import { CertificateSettings } from "./certificates/certificate-settings.js";
import { BrokerSettings } from "./dependencies/broker.js";
import { KeyValueSettings } from "./dependencies/key-value.js";
import type { Dependency } from "./dependency.js";
import { RegistrySettings } from "./discovery/registry/registry-settings.js";
import { GovernSettings } from "./governance/govern-settings.js";
import { ConfigSettings } from "./live-settings/config-settings.js";
import { requireDistinctNames } from "./names.js";
import { ProcessSettings } from "./process-settings.js";
import type { ServiceModule } from "./service.js";

/**
 * The settings of a process that runs these services: its own, theirs, and those of everything that they need. For
 * `describeSettings` of `@sampan/config`. Throws `TypeError` when two parts would share a section.
 */
export function settingSections(services: readonly ServiceModule[]): SettingSections {
  requireDistinctNames(services);
  const sections: Record<string, SettingSections[string]> = {
    process: ProcessSettings,
    registry: RegistrySettings,
    config: ConfigSettings,
    certificates: CertificateSettings,
    access: AccessSettings,
    audit: AuditSettings,
    govern: GovernSettings,
    broker: BrokerSettings,
    keyValue: KeyValueSettings,
  };
  for (const module of services) sections[module.name] = module.settings;
  for (const module of services) {
    for (const dependency of Object.values(module.needs) as Dependency<unknown>[]) {
      if (dependency.settings !== undefined) sections[dependency.name] = dependency.settings;
    }
  }
  return sections;
}
