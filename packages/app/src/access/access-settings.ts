import { choice, integer, type Settings, type SettingsOf, settings, text } from "@sampan/config";

const fields = {
  policy: text({
    default: "",
    doc: "a file that says which service may call which method, followed while the process runs; empty: every service may call every other, which mTLS does not allow",
  }),
  mode: choice(["enforce", "shadow"], {
    default: "enforce",
    doc: "enforce: as the policy says; shadow: nothing is refused, and what would be is logged and counted",
  }),
  denials: integer({
    default: 1000,
    min: 1,
    max: 100_000,
    doc: "pairs of caller and method that were refused which the page /access remembers",
  }),
};

/** Which service may call which method of this process. */
export const AccessSettings: Settings<typeof fields> = settings(fields);
export type AccessSettings = SettingsOf<typeof AccessSettings>;
