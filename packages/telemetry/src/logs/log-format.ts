import type { LogFields } from "@sampan/core/ports";
import type { LogLevel } from "./log-level.js";

/** How a line is written. Pure, and never throws. */
export interface LogFormat {
  /** Fields as text, made once for those that a child logger adds to every line. */
  fields(fields: LogFields): string;
  /** A line without its line end. `time` is ms since the epoch. */
  line(time: number, level: LogLevel, message: string, fields: string): string;
}
