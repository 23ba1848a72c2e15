import { CommandError } from "../command/command-error.js";
import { readOptions } from "../command/options.js";
import { readRuleFile } from "./read-file.js";

/** `sampan rules check <file>`. */
export async function checkRules(argv: readonly string[], print: (text: string) => void): Promise<number> {
  const { positionals } = readOptions("rules", argv, {});
  const [file, ...more] = positionals;
  if (file === undefined || more.length > 0) throw new CommandError("sampan rules check takes one file", "", 2);
  const { rules } = await readRuleFile(file, undefined);
  print(`${file}: ${rules.length} ${rules.length === 1 ? "rule" : "rules"}, no problems`);
  return 0;
}
