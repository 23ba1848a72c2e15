import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Finding, Gate } from "../gate.js";
import { type Command, readCommands } from "./commands.js";
import { knownCommand, shownPort, shownStandinPort } from "./known-commands.js";

export const english = "README.md";
const chinese = "README.zh-CN.md";

/** That the commands work is shown by tour.system.test.ts; this gate sees to it that the tour covers them. */
export const readme: Gate = {
  name: "readme",
  purpose: "every command in both READMEs is run by a test, and both show the same ones",
  find(root) {
    const missing = [english, chinese].filter((file) => !existsSync(join(root, file)));
    if (missing.length > 0)
      return missing.map((file) => ({ file, problem: "is missing", fix: "write it, for a newcomer" }));
    const [first, second] = [english, chinese].map((file) =>
      readCommands(file, readFileSync(join(root, file), "utf8")),
    ) as [Command[], Command[]];
    return [...[...first, ...second].flatMap(checkCommand), ...compare(first, second)];
  },
};

function checkCommand({ text, file, line }: Command): Finding[] {
  const findings: Finding[] = [];
  if (!knownCommand(text))
    findings.push({
      file,
      line,
      problem: `no test runs this command: ${text.split("\n")[0]}`,
      fix: "add it to tools/gates/readme/known-commands.ts with what runs it",
    });
  for (const [, port] of text.matchAll(/(?:127\.0\.0\.1|localhost):(\d+)/g)) {
    if (Number(port) === shownPort || Number(port) === shownStandinPort) continue;
    const fix = `show ${shownPort}, or ${shownStandinPort} for the stand-in, which the tour replaces with its own`;
    findings.push({ file, line, problem: `shows port ${port}`, fix });
  }
  return findings;
}

function compare(first: readonly Command[], second: readonly Command[]): Finding[] {
  const at = Array.from({ length: Math.max(first.length, second.length) }).findIndex(
    (_, i) => first[i]?.text !== second[i]?.text,
  );
  if (at === -1) return [];
  const [ours, theirs] = [first[at], second[at]];
  const shown = (command: Command | undefined): string => (command ? `"${command.text}"` : "no further command");
  const problem = `the commands differ from here on: ${shown(theirs)}, where ${english} has ${shown(ours)}`;
  return [{ file: chinese, line: theirs?.line, problem, fix: "show the same commands in the same order" }];
}
