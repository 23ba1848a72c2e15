import { type Command, readCommands } from "./commands.js";

/** What a guide asks its reader to do, in its order. */
export type GuideStep =
  | { readonly kind: "write"; readonly path: string; readonly text: string; readonly line: number }
  | { readonly kind: "change"; readonly path: string; readonly diff: string; readonly line: number }
  | { readonly kind: "run"; readonly command: Command; readonly line: number };

/**
 * The files, changes and commands of a Markdown guide. A block belongs to the file whose name, in backquotes, is the last thing
 * of the paragraph before it (`services/guestbook/src/main.ts`:); a ```diff block is a change of that file, and every other one
 * the whole of it. Throws for a block of code that names no file.
 */
export function readGuide(file: string, markdown: string): GuideStep[] {
  const lines = markdown.split("\n");
  const steps: GuideStep[] = readCommands(file, markdown).map((command) => ({
    kind: "run",
    command,
    line: command.line,
  }));
  for (let start = 0; start < lines.length; start++) {
    const language = lines[start]?.match(/^```(\w+)$/)?.[1];
    if (language === undefined) continue;
    const end = lines.indexOf("```", start + 1);
    if (language !== "sh" && language !== "console") {
      const path = fileNamedBefore(lines, start);
      if (path === undefined)
        throw new Error(`${file}:${start + 1}: the text before this block does not end with its file`);
      const text = `${lines.slice(start + 1, end).join("\n")}\n`;
      const line = start + 1;
      steps.push(
        language === "diff" ? { kind: "change", path, diff: text, line } : { kind: "write", path, text, line },
      );
    }
    start = end;
  }
  return steps.sort((a, b) => a.line - b.line);
}

function fileNamedBefore(lines: readonly string[], fence: number): string | undefined {
  const before = lines.slice(0, fence).findLast((line) => line.trim() !== "");
  return before?.match(/`([\w./-]+\.\w+)`:?$/)?.[1];
}

/**
 * A diff without line numbers: lines with a space or a minus are found together in the text, once, and become those with a space
 * or a plus. `@@` parts two such places. Throws when a place is not there exactly once.
 */
export function applyChange(text: string, diff: string): string {
  let changed = text;
  for (const hunk of diff.trimEnd().split(/^@@.*\n/m)) {
    const lines = hunk.trimEnd().split("\n");
    const side = (mark: string): string =>
      lines
        .filter((line) => line.startsWith(" ") || line.startsWith(mark))
        .map((line) => `${line.slice(1)}\n`)
        .join("");
    const places = changed.split(side("-")).length - 1;
    if (places !== 1) throw new Error(`these lines are there ${places} times:\n${side("-")}`);
    changed = changed.replace(side("-"), () => side("+"));
  }
  return changed;
}
