import { bytes, choice, integer, type Settings, type SettingsOf, settings, text } from "@sampan/config";

const fields = {
  folder: text({
    default: "",
    doc: "where it is written who did what: what operators call, and what was refused; each process has a folder of its name in it; empty: nowhere",
  }),
  sync: choice(["always", "second"], {
    default: "always",
    doc: "always: a line is on the disk before the next is begun; second: it survives the process at once, and a power cut after a second",
  }),
  maxFile: bytes({ default: "64MiB", min: "4KiB", max: "10GiB", doc: "a file above this is followed by another" }),
  checkpointEvery: integer({
    default: 1000,
    min: 1,
    max: 1_000_000,
    doc: "entries between two checkpoints, which are noted in the log",
  }),
  maxWaiting: integer({ default: 10_000, min: 1, max: 1_000_000, doc: "entries that may wait for the disk" }),
  refusals: integer({
    default: 100,
    min: 1,
    max: 100_000,
    doc: "refused calls a second that get an entry of their own; the next entry says how many had none",
  }),
};

/** The trail of who did what to which tenant. */
export const AuditSettings: Settings<typeof fields> = settings(fields);
export type AuditSettings = SettingsOf<typeof AuditSettings>;
