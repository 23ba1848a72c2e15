import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { pinned } from "../../harness/machine.js";
import type { Program } from "../peers/peers.js";

const serverCore = 0;
/** Where generators and clients run. */
export const loadCore = 1;

/** A server in a process of its own, on its own core. */
export class RunningServer {
  readonly port: number;
  readonly pid: number;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, port: number) {
    this.#child = child;
    this.pid = child.pid as number;
    this.port = port;
  }

  /** Resolves when it listens; rejects when it ends before. */
  static async start(program: Program, env: Readonly<Record<string, string>> = {}): Promise<RunningServer> {
    const child = launch(program, serverCore, env);
    const line = await firstLine(child);
    return new RunningServer(child, (JSON.parse(line) as { port: number }).port);
  }

  /** Resident memory, octets. */
  rss(): number {
    const pages = Number(readFileSync(`/proc/${this.pid}/statm`, "utf8").split(" ")[1]);
    return pages * 4096;
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = once(this.#child, "exit");
    this.#child.kill("SIGTERM");
    const late = setTimeout(() => this.#child.kill("SIGKILL"), 5_000);
    await ended;
    clearTimeout(late);
  }
}

/** Starts a program on a core, its output to be read; it never outlives this process. */
export function launch(program: Program, core: number, env: Readonly<Record<string, string>> = {}): ChildProcess {
  const [command, ...args] = [...pinned(core), ...program.command];
  const child = spawn(command as string, args, {
    ...(program.cwd === undefined ? {} : { cwd: program.cwd }),
    env: { ...process.env, ...program.env, ...env },
    stdio: ["pipe", "pipe", "inherit"],
  });
  const end = (): void => void child.kill("SIGKILL");
  process.once("exit", end);
  child.once("exit", () => process.off("exit", end));
  return child;
}

/** The first line that a program prints. Rejects when it ends without one. */
export async function firstLine(child: ChildProcess): Promise<string> {
  const lines = createInterface({ input: child.stdout as NodeJS.ReadableStream });
  const ended = once(child, "close").then(([code]) => {
    throw new Error(`${child.spawnargs.join(" ")} ended with ${String(code)} before it said anything`);
  });
  ended.catch(() => {});
  const [line] = (await Promise.race([once(lines, "line"), ended])) as [string];
  return line;
}

/** Seconds of CPU that a process has used; undefined when it is gone. */
export function cpuSeconds(pid: number): number | undefined {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
    // utime and stime, in ticks of 10 ms (proc(5); USER_HZ is 100 on every Linux).
    return (Number(fields[11]) + Number(fields[12])) / 100;
  } catch {
    return undefined;
  }
}
