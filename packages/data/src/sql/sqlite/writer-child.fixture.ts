import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

/** A writer process (see writer-process.fixture.ts) as a test holds it. */
export interface WriterChild {
  /** Lines it has printed so far. */
  readonly lines: readonly string[];
  /** The writer's own number, not that of its wrapper; 0 until it has opened its file. */
  readonly pid: number;
  /** Resolves when a line satisfies the test; rejects when the process ends before. */
  until(test: (line: string) => boolean): Promise<void>;
  /** SIGKILL, and everything that it printed before is in `lines`. */
  kill(): Promise<void>;
  /** SIGTERM, and the same. */
  stop(): Promise<void>;
}

/** Starts one; `wrapper` is a program that runs it, with its arguments, such as `strace -o file`. */
export function startWriter(
  args: readonly string[],
  wrapper: readonly string[] = [],
  fixture = "writer-process",
): WriterChild {
  const script = fileURLToPath(new URL(`./${fixture}.fixture.js`, import.meta.url));
  const [program = process.execPath, ...rest] = [...wrapper, process.execPath, script, ...args];
  const child: ChildProcess = spawn(program, rest, { stdio: ["ignore", "pipe", "inherit"] });
  const lines: string[] = [];
  const waiting = new Set<() => void>();
  let ended = false;
  const reader = createInterface({ input: child.stdout as NonNullable<ChildProcess["stdout"]> });
  reader.on("line", (line) => {
    lines.push(line);
    for (const look of waiting) look();
  });
  const closed = new Promise<void>((resolve) =>
    reader.on("close", () => {
      ended = true;
      for (const look of waiting) look();
      resolve();
    }),
  );
  return {
    lines,
    get pid() {
      return Number(lines[0]?.slice("open ".length) ?? 0);
    },
    until: (test) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          if (lines.some(test)) resolve();
          else if (ended) reject(new Error(`the writer ended after ${lines.length} lines: ${lines.at(-1)}`));
          else return;
          waiting.delete(look);
        };
        waiting.add(look);
        look();
      }),
    async kill() {
      // A tracer that is killed lets the traced process go on, so that one goes first.
      if (this.pid > 0 && !ended) process.kill(this.pid, "SIGKILL");
      else child.kill("SIGKILL");
      await closed;
    },
    async stop() {
      child.kill("SIGTERM");
      await closed;
    },
  };
}
