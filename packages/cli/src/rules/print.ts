import { allSections, defaultRuleLimits, documentSchema, preset, presetNames, presetText } from "@sampan/govern";
import { CommandError } from "../command/command-error.js";
import { readOptions } from "../command/options.js";

/** `sampan rules schema`. */
export async function printSchema(argv: readonly string[], print: (text: string) => void): Promise<number> {
  readOptions("rules", argv, {});
  print(JSON.stringify(documentSchema(allSections, defaultRuleLimits.maxRules), null, 2));
  return 0;
}

/** `sampan rules presets [name]`. */
export async function printPresets(argv: readonly string[], print: (text: string) => void): Promise<number> {
  const [name] = readOptions("rules", argv, {}).positionals;
  if (name === undefined) {
    for (const each of presetNames)
      print(
        `${each.padEnd(14)}${preset(each)
          .rules.map((rule) => rule.name)
          .join(", ")}`,
      );
    return 0;
  }
  if (!presetNames.includes(name)) {
    throw new CommandError(`there is no preset ${name}`, `use one of ${presetNames.join(", ")}`, 2);
  }
  print(presetText(name).trimEnd());
  return 0;
}
