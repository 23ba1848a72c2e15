import type { LogSink } from "./log-sink.js";

/** Keeps lines; refuses them while `full`. */
export class MemorySink implements LogSink {
  readonly lines: string[] = [];
  full = false;
  flushes = 0;

  write(line: string): boolean {
    if (!this.full) this.lines.push(line);
    return !this.full;
  }

  flush(): void {
    this.flushes++;
  }
}
