import { nearest } from "../nearest.js";
import type { SettingSections, SettingsValues } from "../settings.js";
import { type SettingsProblem, unknownName } from "../settings-error.js";
import type { Found, SettingsSource } from "./source.js";

/** Values by section and name: as the setting's type, or as text in the way it is written elsewhere. */
export type CodeValues<G extends SettingSections = SettingSections> = {
  readonly [K in keyof G]?: {
    readonly [F in keyof SettingsValues<G>[K]]?: SettingsValues<G>[K][F] | string | undefined;
  };
};

/** Values that the program itself sets, and the tests. What is undefined is not set. */
export function codeSource(
  values: CodeValues | Readonly<Record<string, Readonly<Record<string, unknown>>>>,
): SettingsSource {
  return {
    plainSecrets: true,
    read(layout) {
      const found: Found[] = [];
      const problems: SettingsProblem[] = [];
      for (const [section, fields] of Object.entries(values)) {
        for (const [key, raw] of Object.entries(fields ?? {})) {
          if (raw === undefined) continue;
          const name = `${section}.${key}`;
          const slot = layout.byName.get(name);
          if (slot !== undefined) found.push({ slot, raw, form: "typed", from: "set in code" });
          else if (!layout.elsewhere.has(section)) {
            problems.push(unknownName(name, "set in code", nearest(name, layout.byName.keys())));
          }
        }
      }
      return { found, problems };
    },
  };
}
