import { boolean, type Settings, type SettingsOf, settings } from "@sampan/config";
import { memoryKeyValue } from "@sampan/core/memory";
import type { KeyValue } from "@sampan/core/ports";
import type { SingletonDependency } from "../dependency.js";
import { remoteKeyValue } from "../remote-key-value/remote-key-value.js";

const fields = {
  remote: boolean({
    default: false,
    doc: "use the key-value store of another process, which process.targets names: for what processes count or remember together",
  }),
};

/** Of every process: traffic rules may share limits where no service needs the store. */
export const KeyValueSettings: Settings<typeof fields> = settings(fields);
export type KeyValueSettings = SettingsOf<typeof KeyValueSettings>;

/**
 * Small values that the instances of a service share: another process's store, or, where there is only this process,
 * its memory. The services of a process use one store: keys begin with the name of the service.
 */
export const keyValue: SingletonDependency<KeyValue> = {
  name: "keyValue",
  lifetime: "process",
  settings: KeyValueSettings,
  oneProcessOnly: ({ remote }) =>
    remote === true
      ? undefined
      : {
          why: "is the memory of one process, which workers would not share",
          fix: "set process.workers to 1, or keyValue.remote to use the store of another process",
        },
  open({ settings, clock, runtime }) {
    const { remote } = settings as unknown as KeyValueSettings;
    const value = remote ? remoteKeyValue(runtime) : memoryKeyValue({ clock });
    return { value, close: () => value.close() };
  },
};
