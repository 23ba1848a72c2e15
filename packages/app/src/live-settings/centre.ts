import { hostname } from "node:os";
import {
  type ConfigAddress,
  ConfigErrors,
  configAddress,
  type InstanceTraits,
  openConfigStore,
  SettingsError,
} from "@sampan/config";
import type { Clock } from "@sampan/core";
import type { ConfigStore, ConfigVersion } from "@sampan/core/ports";
import { reasonOf } from "../errors.js";
import type { ProcessSettings } from "../process-settings.js";
import type { ConfigSettings } from "./config-settings.js";

/** A line for the log, from before there is one. */
export interface Note {
  readonly level: "info" | "warn" | "error";
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** Where `config.remote` leads; undefined when it is empty. Throws `SettingsError`. */
export function addressOf(settings: ConfigSettings, environment: string): ConfigAddress | undefined {
  if (settings.remote === "") return undefined;
  try {
    return configAddress(settings.remote, { namespace: settings.namespace, environment });
  } catch (error) {
    const { definition } = ConfigErrors.BAD_ADDRESS;
    const problem = `is not right: ${reasonOf(error)}`;
    throw new SettingsError([{ setting: "config.remote", source: "settings", problem, fix: definition.fix }]);
  }
}

/** The store at `config.remote`, opened with its credentials. */
export function openCentre(address: ConfigAddress, settings: ConfigSettings, clock: Clock): Promise<ConfigStore> {
  const { user, password, token } = settings;
  return openConfigStore(address, { user, password, token }, clock);
}

/** Who this process is; workers of one service are instances of their own. */
export function traitsOf(settings: Partial<ProcessSettings>, worker: number | undefined): InstanceTraits {
  const { zone = "", release = "" } = settings;
  const name = settings.instance || hostname();
  return { instance: worker === undefined ? name : `${name}-${worker}`, zone, release };
}

/** The first thing that a store tells of a key. Rejects with its failure, and with `NOT_HEARD_OF` when it takes too long. */
export function firstVersion(store: ConfigStore, key: string, timeoutMs: number, clock: Clock): Promise<ConfigVersion> {
  return new Promise((resolve, reject) => {
    let failure: unknown;
    const end = (settle: () => void): void => {
      cancel();
      watch.close();
      settle();
    };
    const late = (): void => end(() => reject(failure ?? ConfigErrors.NOT_HEARD_OF({ key, ms: `${timeoutMs}` })));
    const cancel = clock.timer(timeoutMs, late);
    const watch = store.watch(key, (event) => {
      // A store that is just starting answers a moment later.
      if ("error" in event) failure = event.error;
      else end(() => resolve(event));
    });
  });
}
