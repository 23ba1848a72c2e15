import { codeName, RpcError } from "@sampan/core";
import type { LogFields } from "@sampan/core/ports";
import { encodeFields, encodeLimits } from "./encode-value.js";
import { printable, shorten } from "./escape.js";
import type { LogFormat } from "./log-format.js";
import type { LogLevel } from "./log-level.js";
import type { Redaction } from "./redaction.js";

const colors: Readonly<Record<LogLevel, string>> = { debug: "90", info: "36", warn: "33", error: "31" };
const plainWord = /^"[\w.:/@+-]+"$/;
const maxStackLines = 40;

/** For people at a terminal: `03:04:05.678 INFO  order confirmed order=o-1`, errors with their stack below the line. */
export function prettyFormat(redaction: Redaction, color: boolean): LogFormat {
  const paint = (code: string, text: string): string => (color ? `\u001b[${code}m${text}\u001b[0m` : text);
  return {
    fields(fields) {
      const errors: string[] = [];
      const rest: Record<string, unknown> = {};
      for (const [key, value] of Object.entries(fields) as [string, LogFields[string]][]) {
        if (value instanceof Error && !redaction.hides(key)) errors.push(...errorLines(value));
        else rest[key] = value;
      }
      const pairs = encodeFields(rest, redaction).map(([key, json]) => {
        const value = plainWord.test(json) ? json.slice(1, -1) : json;
        return ` ${paint("90", `${printable(shorten(key, 256))}=`)}${value}`;
      });
      return [pairs.join(""), ...errors.map((line) => paint("90", `    ${line}`))].join("\n");
    },
    line(time, level, message, fields) {
      const clock = paint("90", new Date(time).toISOString().slice(11, 23));
      const name = paint(colors[level], level.toUpperCase().padEnd(5));
      return `${clock} ${name} ${printable(shorten(message, encodeLimits.text))}${fields}`;
    },
  };
}

/** The stack of an error and of its causes. Only line ends of our own making: those of the text are written out. */
function errorLines(error: Error): string[] {
  const lines: string[] = [];
  const seen = new Set<unknown>();
  for (let next: unknown = error; next !== undefined && !seen.has(next) && seen.size < 8; ) {
    seen.add(next);
    const before = lines.length === 0 ? "" : "caused by ";
    if (!(next instanceof Error)) {
      lines.push(before + printable(shorten(String(next), 500)));
      break;
    }
    const code =
      next instanceof RpcError ? ` [${codeName(next.code)}${next.reason === "" ? "" : ` ${next.reason}`}]` : "";
    lines.push(`${before}${printable(shorten(`${next.name}${code}: ${next.message}`, encodeLimits.text))}`);
    const frames = (next.stack ?? "").split("\n").filter((line) => /^\s+at /.test(line));
    lines.push(...frames.slice(0, maxStackLines).map((line) => `  ${printable(line.trim())}`));
    next = next.cause;
  }
  return lines;
}
