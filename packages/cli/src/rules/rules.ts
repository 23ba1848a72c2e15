import type { Command } from "../command/command.js";
import { CommandError } from "../command/command-error.js";

const help = `sampan rules <what>: works on files of traffic rules; touches nothing that runs

  sampan rules check <file>           lists every error with its line and column
  sampan rules explain <service/method> [--rules <file>] [--preset <name>]
                 [--tenant t] [--caller c] [--release r] [--label k=v …] [--at 2026-11-11T20:00+08:00]
                                      says for each section which rule decides, why, where, and with which values
  sampan rules try <file> --against <recording.jsonl> [--preset <name>] [--json]
                                      sends recorded calls through the rules and says what would have changed
  sampan rules schema                 prints the JSON Schema of rule files, for editors
  sampan rules presets [name]         lists the presets, or prints one

  A process records its calls into the folder that --govern.record names.
  --help`;

type Part = (argv: readonly string[], print: (text: string) => void) => Promise<number>;

const parts: Readonly<Record<string, () => Promise<Part>>> = {
  check: async () => (await import("./check.js")).checkRules,
  explain: async () => (await import("./explain.js")).explainRules,
  try: async () => (await import("./try.js")).tryRuleFile,
  schema: async () => (await import("./print.js")).printSchema,
  presets: async () => (await import("./print.js")).printPresets,
};

export const rules: Command = {
  name: "rules",
  summary: "check, explain and try traffic rules",
  help,
  async run(argv) {
    const [name = "", ...rest] = argv;
    const load = Object.hasOwn(parts, name) ? parts[name] : undefined;
    if (load === undefined) {
      const names = Object.keys(parts).join(", ");
      throw new CommandError(
        name === "" ? "sampan rules needs to know what" : `there is no sampan rules ${name}`,
        `use one of ${names}`,
        2,
      );
    }
    return (await load())(rest, (text) => console.log(text));
  },
};
