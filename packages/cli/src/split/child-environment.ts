import {
  oneProcessOnly,
  type SectionValues,
  type ServiceModule,
  type ServiceSettings,
  settingSections,
} from "@sampan/app";
import { Secret } from "@sampan/config";
import { criticalServices } from "./wiring.js";

/** What a process of the split platform must know beside its own settings. */
export interface Wiring {
  readonly listen: string;
  readonly targets: string;
  /** Where instances of the services are announced and found. */
  readonly registry: string;
  /** Its name among the processes. */
  readonly process: string;
  /** Other processes run the same service on the same files. */
  readonly shared: boolean;
  readonly standinUrl: string;
  readonly notifyUrl: string;
  /** Settings that give it its identity; none without mTLS. */
  readonly identity: SectionValues;
}

/**
 * The environment of a service's process: the settings that it and what it needs have in this one, as variables, so
 * that flags and files are read in one place; and how it reaches the others.
 */
export function childEnvironment(
  settings: ServiceSettings,
  module: ServiceModule,
  wiring: Wiring,
): Readonly<Record<string, string | undefined>> {
  const env: Record<string, string | undefined> = {};
  for (const [name, value] of Object.entries(process.env)) if (!name.startsWith("SAMPAN_")) env[name] = value;
  const set = (section: string, key: string, value: string): void => {
    env[`SAMPAN_${variable(section)}_${variable(key)}`] = value;
  };
  const sections = settingSections([module]);
  // A variable stands above what is published for the service: only what somebody has said becomes one.
  const unsaid = new Set(settings.explain().flatMap(({ setting, source }) => (source === "default" ? [setting] : [])));
  for (const [section, { fields }] of Object.entries(sections)) {
    const values: Readonly<Record<string, unknown>> =
      section === "process" ? { ...settings.process } : settings.section(section);
    for (const [key, setting] of Object.entries(fields)) {
      const value = values[key];
      if (value !== undefined && !unsaid.has(`${section}.${key}`))
        set(section, key, written(value, setting.show(value)));
    }
  }
  set("process", "listen", wiring.listen);
  set("process", "targets", wiring.targets);
  set("process", "registry", wiring.registry);
  set("process", "instance", wiring.process);
  set("process", "sharedData", String(wiring.shared));
  if (settings.process.criticalServices.length === 0) set("process", "criticalServices", criticalServices.join(","));
  set("process", "supervised", "true");
  set("process", "adminPort", settings.process.adminPort < 0 ? "-1" : "0");
  set("broker", "remote", "true");
  set("keyValue", "remote", "true");
  for (const [section, values] of Object.entries(wiring.identity))
    for (const [key, value] of Object.entries(values)) if (value !== undefined) set(section, key, String(value));
  if ("platform" in sections && wiring.standinUrl !== "") set("platform", "standinUrl", wiring.standinUrl);
  // Workers are for those that can have them; the others would refuse to start.
  const asWired = (section: string): Readonly<Record<string, unknown>> => ({
    ...settings.section(section),
    ...(section === "broker" || section === "keyValue" ? { remote: true } : {}),
    ...(section === "platform" && wiring.standinUrl !== "" ? { standinUrl: wiring.standinUrl } : {}),
  });
  if (oneProcessOnly([module], { section: asWired }).length > 0) set("process", "workers", "1");
  if (module.name === "payment" && env.SAMPAN_PAYMENT_NOTIFY_URL === undefined)
    set("payment", "notifyUrl", wiring.notifyUrl);
  return env;
}

/** As a variable takes it: what a setting shows is for people, with quotes around text and stars for secrets. */
function written(value: unknown, shown: string): string {
  if (value instanceof Secret) return value.reveal();
  if (value instanceof URL) return value.href;
  if (Array.isArray(value)) return value.join(",");
  return typeof value === "string" ? value : shown;
}

/** `paymentWindow` as `PAYMENT_WINDOW`. */
function variable(name: string): string {
  return name
    .replace(/([a-z0-9])([A-Z])/g, "$1_$2")
    .replaceAll("-", "_")
    .toUpperCase();
}
