/** A command that a README tells its reader to type. */
export interface Command {
  readonly text: string;
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** Which fenced block of the file it stands in, from 0: what one block sets (a variable), the next ones see. */
  readonly block: number;
  /** What a console block shows below it; empty when it shows nothing. */
  readonly output: string;
}

/**
 * The commands in the ```sh and ```console blocks of a Markdown text. In a console block a command follows `$ ` and the rest is
 * output; in an sh block every line is a command, but for comments. A backslash at the end of a line, or an open quote, goes on
 * in the next one.
 */
export function readCommands(file: string, markdown: string): Command[] {
  const commands: (Command & { output: string })[] = [];
  let language: string | undefined;
  let block = -1;
  let open: { text: string; line: number } | undefined;
  for (const [index, raw] of markdown.split("\n").entries()) {
    const fence = raw.match(/^\s*(?:```|~~~)\s*(\w*)/);
    if (fence) {
      language = language === undefined ? (fence[1] ?? "") : undefined;
      if (isCommandLanguage(language)) block += 1;
      open = undefined;
      continue;
    }
    if (!isCommandLanguage(language)) continue;
    const started = open ? raw.replace(/^> /, "") : commandStart(raw, language);
    if (started === undefined) {
      const last = commands.at(-1);
      if (language === "console" && last?.block === block) last.output += `${raw}\n`;
      continue;
    }
    open = open ? { text: `${open.text}\n${started}`, line: open.line } : { text: started, line: index + 1 };
    if (!isUnfinished(open.text)) {
      commands.push({ ...open, file, block, output: "" });
      open = undefined;
    }
  }
  return commands;
}

function isCommandLanguage(language: string | undefined): language is "sh" | "console" {
  return language === "sh" || language === "console";
}

function commandStart(line: string, language: "sh" | "console"): string | undefined {
  const text = language === "console" ? line.match(/^\s*\$ (.*)$/)?.[1] : line.trim();
  return text === "" || text?.startsWith("#") ? undefined : text;
}

/** Whether the shell would ask for another line. */
function isUnfinished(text: string): boolean {
  if (text.endsWith("\\")) return true;
  const bare = text.replace(/\\./gs, "");
  let quote = "";
  for (const char of bare) {
    if (quote === char) quote = "";
    else if (quote === "" && (char === "'" || char === '"')) quote = char;
  }
  return quote !== "";
}
