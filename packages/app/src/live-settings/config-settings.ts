import { boolean, duration, optional, type Settings, type SettingsOf, secret, settings, text } from "@sampan/config";

const name = /^[a-zA-Z0-9][a-zA-Z0-9._-]{0,63}$/;

const fields = {
  remote: text({
    default: "",
    doc: "where settings are published: etcd://host:2379/namespace/environment; also consul, nacos, file; empty: nowhere",
  }),
  namespace: text({
    default: "sampan",
    pattern: name,
    doc: "for an address without a path, which SAMPAN_ENV completes",
  }),
  user: text({ default: "", doc: "how this process signs in there; empty: it does not" }),
  password: optional(secret({ doc: "of that user" })),
  token: optional(secret({ doc: "Consul's ACL token" })),
  startTimeout: duration({
    default: "3s",
    min: "10ms",
    max: "5m",
    doc: "how long a start waits for published settings",
  }),
  required: boolean({
    default: true,
    doc: "whether a start without published settings, and without a copy of the last good ones, fails",
  }),
};

/** Where a process finds settings that are published while it runs. */
export const ConfigSettings: Settings<typeof fields> = settings(fields);
export type ConfigSettings = SettingsOf<typeof ConfigSettings>;
