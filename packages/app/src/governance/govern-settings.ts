import { bytes, choice, integer, list, type Settings, type SettingsOf, settings, text } from "@sampan/config";

const fields = {
  rules: text({
    default: "",
    doc: "the file of traffic rules, or config:<name> for a published document, followed while the process runs; empty: none",
  }),
  preset: choice(["none", "classic", "standard", "mini-program"], {
    default: "none",
    doc: "rules that hold beside those of the file",
  }),
  labels: list(text({ pattern: /^[0-9A-Za-z_.-]{1,64}$/ }), {
    default: [],
    doc: "labels that calls carry from service to service, for rules to match",
  }),
  record: text({ default: "", doc: "the folder that every call is noted in, for `sampan rules try`; empty: none" }),
  queuedCalls: integer({
    default: 8,
    min: 1,
    max: 1000,
    doc: "calls that rules have enqueued to a topic that are made at a time",
  }),
  queuedCallAttempts: integer({
    default: 20,
    min: 1,
    max: 1000,
    doc: "tries of such a call, further and further apart up to a minute, before it is kept as a dead letter",
  }),
  recordSize: bytes({ default: "64MB", min: "10KB", max: "10GB", doc: "a recording is turned over at this size" }),
};

/** Traffic rules of a process. */
export const GovernSettings: Settings<typeof fields> = settings(fields);
export type GovernSettings = SettingsOf<typeof GovernSettings>;
