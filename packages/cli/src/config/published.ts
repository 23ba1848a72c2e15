import { type ServiceModule, settingSections } from "@sampan/app";
import {
  type ConfigAddress,
  compile,
  configAddress,
  environmentName,
  nearest,
  openConfigStore,
  peekSection,
  processSources,
  type Secret,
  SettingsError,
} from "@sampan/config";
import type { ConfigStore } from "@sampan/core/ports";
import { CommandError } from "../command/command-error.js";
import { services } from "../platform/services.js";

/** The document of a service, where it is published. */
export interface Published {
  readonly store: ConfigStore;
  /** `sampan/production/order` */
  readonly key: string;
  readonly service: ServiceModule;
}

/** Options of a command, and flags of settings, which have a dot in their name: `--config.user root`. */
export function withoutSettings(argv: readonly string[]): { readonly own: string[]; readonly flags: string[] } {
  const own: string[] = [];
  const flags: string[] = [];
  for (let i = 0; i < argv.length; i++) {
    const argument = argv[i] as string;
    if (!/^--[a-z0-9-]+\./i.test(argument)) own.push(argument);
    else {
      flags.push(argument);
      const next = argv[i + 1];
      if (!argument.includes("=") && next !== undefined && !next.startsWith("--")) flags.push(argv[++i] as string);
    }
  }
  return { own, flags };
}

/** Throws `CommandError` for a service that does not exist. */
export function serviceNamed(name: string | undefined): ServiceModule {
  const names = services.map((each) => each.name);
  if (name === undefined) throw new CommandError("which service?", `add --service with one of ${names.join(", ")}`, 2);
  const found = services.find((each) => each.name === name);
  if (found !== undefined) return found;
  const meant = nearest(name, names);
  const fix = meant === undefined ? `there are ${names.join(", ")}` : `did you mean ${meant}?`;
  throw new CommandError(`there is no service ${name}`, fix, 2);
}

interface ConfigValues {
  readonly remote: string;
  readonly namespace: string;
  readonly user: string;
  readonly password: Secret | undefined;
  readonly token: Secret | undefined;
}

/** Uses the document of a service, and closes the store. Throws `CommandError` when it is not said where that is. */
export async function withPublished<T>(
  where: { readonly service: string | undefined; readonly at: string | undefined; readonly flags: readonly string[] },
  use: (published: Published) => Promise<T>,
): Promise<T> {
  const service = serviceNamed(where.service);
  const sources = processSources({ argv: where.flags });
  const settings = peekSection(settingSections(services), "config", sources) as ConfigValues | undefined;
  if (settings === undefined)
    throw new CommandError("the settings config.* are wrong", "sampan config check says what", 2);
  const named = where.at ?? settings.remote;
  if (named === "") {
    throw new CommandError("where is it published?", "add --at etcd://host:2379/namespace/environment", 2);
  }
  const address: ConfigAddress = configAddress(named, {
    namespace: settings.namespace,
    environment: environmentName(),
  });
  const store = await openConfigStore(address, settings);
  try {
    return await use({ store, key: `${address.prefix}/${service.name}`, service });
  } finally {
    await store.close();
  }
}

/** Throws `SettingsError` with everything that is wrong with a document for a service; `name` is where it stands. */
export function requireDocument(service: ServiceModule, name: string, text: string): void {
  const sections = settingSections([service]);
  const document = { name, text, sections: new Set(Object.keys(sections)) };
  try {
    compile({ sections, above: [], below: [], traits: { instance: "", zone: "", release: "" } }, [document]);
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    // What else a process needs is not in the document.
    const problems = error.problems.filter(({ source }) => source.startsWith(`${name}:`));
    if (problems.length > 0) throw new SettingsError(problems);
  }
}
