import { type DescribedSetting, describeSettings, nearest } from "@sampan/config";
import type { Command } from "../command/command.js";
import { CommandError } from "../command/command-error.js";
import { readOptions } from "../command/options.js";

const help = `sampan settings [section …]: lists what the platform can be told, with limits and defaults

Each setting can be given in four ways, and published (sampan config); the highest in this list wins:
  a flag         sampan up --order.payment-window 5m
  a variable     SAMPAN_ORDER_PAYMENT_WINDOW=5m
  a file         config/<SAMPAN_ENV or development>.yaml (or .json): order: { paymentWindow: 5m }
  a file         config/default.yaml (or .json)
A secret stands in a variable, or in a file that --section.name-file names.

  --help`;

export const settings: Command = {
  name: "settings",
  summary: "list every setting of the platform",
  help,
  async run(argv) {
    const { positionals } = readOptions("settings", argv, {});
    const [{ settingSections }, { services }] = await Promise.all([
      import("@sampan/app"),
      import("../platform/services.js"),
    ]);
    console.log(listSettings(describeSettings(settingSections(services)), positionals));
    return 0;
  },
};

/** The settings of some sections, or of all, as a text. Throws `CommandError` for a section that does not exist. */
export function listSettings(all: readonly DescribedSetting[], wanted: readonly string[]): string {
  const sections = new Map<string, DescribedSetting[]>();
  for (const each of all) {
    const name = each.setting.slice(0, each.setting.indexOf("."));
    const section = sections.get(name);
    if (section === undefined) sections.set(name, [each]);
    else section.push(each);
  }
  for (const name of wanted) {
    if (sections.has(name)) continue;
    const meant = nearest(name, sections.keys());
    const fix = meant === undefined ? `there are ${[...sections.keys()].join(", ")}` : `did you mean ${meant}?`;
    throw new CommandError(`there is no section ${name}`, fix, 2);
  }
  return [...sections]
    .filter(([name]) => wanted.length === 0 || wanted.includes(name))
    .map(([name, settings]) => `${name}\n${settings.map(describe).join("\n")}`)
    .join("\n\n");
}

function describe({ flag, variable, accepts, default: fallback, doc }: DescribedSetting): string {
  const otherwise = fallback === undefined ? "required" : `default ${fallback}`;
  return `  ${flag}\n      ${doc === "" ? "" : `${doc}\n      `}${accepts}; ${otherwise}; ${variable}`;
}
