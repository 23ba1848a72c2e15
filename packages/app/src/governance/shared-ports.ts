import type { Clock, Runtime } from "@sampan/core";
import { memoryKeyValue } from "@sampan/core/memory";
import type { Broker, KeyValue } from "@sampan/core/ports";
import { broker } from "../dependencies/broker.js";
import type { OpenDependencies } from "../open-dependencies.js";
import { remoteKeyValue } from "../remote-key-value/remote-key-value.js";
import type { ServiceModule } from "../service.js";
import type { ServiceSettings } from "../service-settings.js";

/** What traffic rules share with other processes. Nothing is opened before a rule uses it. */
export interface SharedPorts {
  /** Undefined where calls that are enqueued would come to nobody. */
  readonly openBroker?: () => Promise<Broker>;
  /** Undefined where a limit could not be shared with those who have to hold it too. */
  readonly openKeyValue?: () => KeyValue;
}

export interface SharedPortsOptions {
  readonly services: readonly ServiceModule[];
  readonly settings: ServiceSettings;
  /** Every service that is called runs in this process. */
  readonly everythingHere: boolean;
  readonly dependencies: () => OpenDependencies;
  readonly runtimeOf: (name: string) => Runtime;
  readonly clock: Clock;
}

/**
 * In a process that has everything, its own broker and memory; beside others, those of the process that serves them,
 * when `broker.remote` and `keyValue.remote` say so.
 */
export function sharedPorts(options: SharedPortsOptions): SharedPorts {
  const { services, settings, everythingHere, dependencies, runtimeOf, clock } = options;
  const isRemote = (section: string) => settings.section(section).remote === true;
  const hasBroker = services.some(({ needs }) => Object.values(needs).includes(broker));
  let opening: Promise<Broker> | undefined;
  const openBroker = (): Promise<Broker> => {
    opening ??= (dependencies().get(broker, "") as Promise<Broker>).catch((error: unknown) => {
      opening = undefined;
      throw error;
    });
    return opening;
  };
  let store: KeyValue | undefined;
  const openKeyValue = (): KeyValue =>
    (store ??= isRemote("keyValue") ? remoteKeyValue(runtimeOf("key-value")) : memoryKeyValue({ clock }));
  return {
    ...(isRemote("broker") || everythingHere || hasBroker ? { openBroker } : {}),
    ...(isRemote("keyValue") || everythingHere ? { openKeyValue } : {}),
  };
}
