import { type Clock, systemClock } from "@sampan/core";
import type { LogFields, Logger } from "@sampan/core/ports";
import { jsonFormat } from "./json-format.js";
import type { LogFormat } from "./log-format.js";
import { type LogLevel, rankOf } from "./log-level.js";
import { type LogSink, streamSink } from "./log-sink.js";
import { prettyFormat } from "./pretty-format.js";
import { redactionOf } from "./redaction.js";

export interface LoggerOptions {
  /** Default `info`. */
  readonly level?: LogLevel;
  /** `json` for machines, `pretty` for people, `pretty-color` for their terminals. Default `json`. */
  readonly format?: "json" | "pretty" | "pretty-color";
  /** Default standard output. */
  readonly sink?: LogSink;
  /** Keys to hide, beside those that always are (`password`, `token`, `authorization`, …). */
  readonly redact?: Iterable<string>;
  /** On every line. */
  readonly fields?: LogFields;
  readonly clock?: Clock;
}

/** The logger of a process. Its level can change while it runs, and holds for its children too. */
export interface LeveledLogger extends Logger {
  level: LogLevel;
  /** Lines that found no room since the start. */
  readonly lost: number;
}

/** Makes a logger. Errors go out at once, other lines with those of the same turn of the event loop. */
export function createLogger(options: LoggerOptions = {}): LeveledLogger {
  const redaction = redactionOf(options.redact);
  const format =
    options.format === undefined || options.format === "json"
      ? jsonFormat(redaction)
      : prettyFormat(redaction, options.format === "pretty-color");
  const output = new Output(
    options.level ?? "info",
    format,
    options.sink ?? streamSink(process.stdout),
    options.clock ?? systemClock,
  );
  const logger = new LineLogger(output, options.fields ?? {});
  return Object.defineProperties(logger as unknown as LeveledLogger, {
    level: { get: () => output.level, set: (level: LogLevel) => output.setLevel(level) },
    lost: { get: () => output.lost },
  });
}

/** What a logger and its children share. */
class Output {
  readonly format: LogFormat;
  readonly #sink: LogSink;
  readonly #clock: Clock;
  level: LogLevel;
  rank: number;
  lost = 0;
  #unreported = 0;

  constructor(level: LogLevel, format: LogFormat, sink: LogSink, clock: Clock) {
    this.format = format;
    this.#sink = sink;
    this.#clock = clock;
    this.level = level;
    this.rank = rankOf(level);
  }

  setLevel(level: LogLevel): void {
    this.level = level;
    this.rank = rankOf(level);
  }

  write(level: LogLevel, message: string, fields: string): void {
    const line = this.format.line(this.#clock.now(), level, message, fields);
    if (this.#unreported > 0) this.#report();
    if (!this.#sink.write(line)) {
      this.lost++;
      this.#unreported++;
    } else if (level === "error") {
      this.#sink.flush();
    }
  }

  #report(): void {
    const fields = this.format.fields({ lines: this.#unreported });
    const line = this.format.line(this.#clock.now(), "warn", "log lines were lost: the reader is too slow", fields);
    if (this.#sink.write(line)) this.#unreported = 0;
  }
}

class LineLogger implements Logger {
  readonly #output: Output;
  readonly #bound: LogFields;
  // Made with the first line: most children of calls never write one.
  #boundText: string | undefined;

  constructor(output: Output, bound: LogFields) {
    this.#output = output;
    this.#bound = bound;
  }

  debug(message: string, fields?: LogFields): void {
    if (this.#output.rank <= 0) this.#write("debug", message, fields);
  }

  info(message: string, fields?: LogFields): void {
    if (this.#output.rank <= 1) this.#write("info", message, fields);
  }

  warn(message: string, fields?: LogFields): void {
    if (this.#output.rank <= 2) this.#write("warn", message, fields);
  }

  error(message: string, fields?: LogFields): void {
    this.#write("error", message, fields);
  }

  child(fields: LogFields): Logger {
    return new LineLogger(this.#output, { ...this.#bound, ...fields });
  }

  #write(level: LogLevel, message: string, fields: LogFields | undefined): void {
    try {
      const text = fields === undefined ? this.#boundFields() : this.#joined(fields);
      this.#output.write(level, String(message), text);
    } catch {
      // A field object that throws when it is listed, such as a revoked proxy. The line without it is worth more.
      this.#output.write(level, typeof message === "string" ? message : "[not text]", "");
    }
  }

  #boundFields(): string {
    return (this.#boundText ??= this.#output.format.fields(this.#bound));
  }

  #joined(fields: LogFields): string {
    for (const key of Object.keys(fields)) {
      // A JSON object with a key twice means something else to each reader.
      if (key in this.#bound) return this.#output.format.fields({ ...this.#bound, ...fields });
    }
    return this.#boundFields() + this.#output.format.fields(fields);
  }
}
