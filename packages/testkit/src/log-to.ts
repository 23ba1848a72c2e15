import type { LogFields, Logger } from "@sampan/core/ports";

export interface LogLine {
  readonly level: "debug" | "info" | "warn" | "error";
  readonly message: string;
  readonly fields: LogFields;
}

/** A logger that writes to a list, with the fields of `child` on each line. */
export function logTo(lines: LogLine[], inherited: LogFields = {}): Logger {
  const write =
    (level: LogLine["level"]) =>
    (message: string, fields: LogFields = {}): void => {
      lines.push({ level, message, fields: { ...inherited, ...fields } });
    };
  return {
    debug: write("debug"),
    info: write("info"),
    warn: write("warn"),
    error: write("error"),
    child: (fields) => logTo(lines, { ...inherited, ...fields }),
  };
}
