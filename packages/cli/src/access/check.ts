import { CommandError } from "../command/command-error.js";
import { readOptions } from "../command/options.js";
import { readPolicyFile } from "./read-file.js";

/** `sampan access check <file>`. */
export async function checkAccess(argv: readonly string[], print: (text: string) => void): Promise<number> {
  const [file, ...more] = readOptions("access", argv, {}).positionals;
  if (file === undefined || more.length > 0) throw new CommandError("sampan access check takes one file", "", 2);
  const { mode, default: standard, rules } = await readPolicyFile(file);
  const count = `${rules.length} ${rules.length === 1 ? "rule" : "rules"}`;
  const inShadow = mode === "shadow" ? ", in shadow: it denies nothing" : "";
  print(`${file}: ${count}, default ${standard}${inShadow}, no problems`);
  return 0;
}
