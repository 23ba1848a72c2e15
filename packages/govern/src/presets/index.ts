import { readFileSync } from "node:fs";
import { RuleErrors } from "../rules/error.js";
import type { RuleSet } from "../rules/model.js";
import { requireRules } from "../rules/reading/read-rules.js";
import { allSections } from "../rules/sections.js";

/** Rule sets that ship with the package, in `presets/`; what they promise is in the comments of the files. */
export const presetNames: readonly string[] = ["classic", "standard", "mini-program"];

/** The file of a preset, to read or to copy. Throws `PRESET_UNKNOWN`. */
export function presetText(name: string): string {
  if (!presetNames.includes(name)) {
    throw RuleErrors.PRESET_UNKNOWN({ preset: name, presets: presetNames.join(", ") });
  }
  return readFileSync(new URL(`../../presets/${name}.yaml`, import.meta.url), "utf8");
}

/** The rules of a preset, which yield to equally specific rules that are no preset. Throws `PRESET_UNKNOWN`. */
export function preset(name: string): RuleSet {
  return requireRules(presetText(name), `preset ${name}`, { sections: allSections, preset: true });
}
