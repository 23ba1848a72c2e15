import { boolean, type Settings, type SettingsOf, settings } from "@sampan/config";

const fields = {
  remote: boolean({
    default: false,
    doc: "use the key-value store of another process, which process.targets names, for limits that processes share",
  }),
};

/** The store that shared limits are counted in. */
export const KeyValueSettings: Settings<typeof fields> = settings(fields);
export type KeyValueSettings = SettingsOf<typeof KeyValueSettings>;
