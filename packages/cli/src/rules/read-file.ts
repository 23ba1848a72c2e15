import { readFile } from "node:fs/promises";
import { allSections, preset, presetNames, problemText, type RuleSet, readRules, withBase } from "@sampan/govern";
import { CommandError } from "../command/command-error.js";

/** The text of a file. Throws `CommandError`. */
async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    throw new CommandError(`${file} cannot be read: ${(error as Error).message}`, "name a file that exists", 2);
  }
}

/** The rules of a file, of a preset, or of both. Throws `CommandError` with every problem on a line of its own. */
export async function readRuleFile(file: string | undefined, presetName: string | undefined): Promise<RuleSet> {
  if (presetName !== undefined && !presetNames.includes(presetName)) {
    throw new CommandError(`there is no preset ${presetName}`, `use one of ${presetNames.join(", ")}`, 2);
  }
  const base = presetName === undefined ? undefined : preset(presetName);
  if (file === undefined) {
    if (base === undefined) throw new CommandError("no rules are named", "add --rules <file> or --preset <name>", 2);
    return base;
  }
  const { rules, problems } = readRules(await readText(file), { sections: allSections });
  if (problems === undefined) return withBase(rules, base);
  const lines = problems.map((problem) => problemText(file, problem)).join("\n");
  throw new CommandError(`${file} has ${problems.length} ${problems.length === 1 ? "problem" : "problems"}\n${lines}`);
}
