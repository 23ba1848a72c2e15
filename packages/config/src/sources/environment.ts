import { sectionPrefix, variablePrefix } from "../layout.js";
import { nearest } from "../nearest.js";
import { type SettingsProblem, unknownName } from "../settings-error.js";
import type { Found, SettingsSource } from "./source.js";

export interface EnvironmentOptions {
  /** Variables with the prefix that are not settings, beside `SAMPAN_ENV` and `SAMPAN_SETTINGS`, which choose the files. */
  readonly ignore?: readonly string[];
}

/** Variables such as `SAMPAN_ORDER_PAYMENT_WINDOW`. An empty one counts as not set, as shells and compose files mean it. */
export function environmentSource(
  env: Readonly<Record<string, string | undefined>>,
  options: EnvironmentOptions = {},
): SettingsSource {
  const ignore = new Set(["SAMPAN_ENV", "SAMPAN_SETTINGS", ...(options.ignore ?? [])]);
  return {
    plainSecrets: true,
    read(layout) {
      const found: Found[] = [];
      const problems: SettingsProblem[] = [];
      const elsewhere = [...layout.elsewhere].map(sectionPrefix);
      for (const [variable, raw] of Object.entries(env)) {
        if (raw === undefined || raw === "" || !variable.startsWith(variablePrefix) || ignore.has(variable)) continue;
        const from = `environment ${variable}`;
        const slot = layout.byVariable.get(variable);
        if (slot !== undefined) found.push({ slot, raw, form: "text", from });
        else if (!elsewhere.some((prefix) => variable.startsWith(prefix))) {
          problems.push(unknownName(variable, "environment", nearest(variable, layout.byVariable.keys())));
        }
      }
      return { found, problems };
    },
  };
}
