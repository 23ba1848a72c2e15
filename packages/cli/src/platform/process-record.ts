import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { processesFile } from "./own-files.js";

/** A process that a supervisor started. */
export interface RecordedProcess {
  readonly pid: number;
  /** As the operating system says; a pid alone may be somebody else's by now. */
  readonly startedAt: string;
}

/** What a supervisor leaves when it is killed, in a file of the data folder. */
export interface ProcessRecord {
  readonly processes: readonly RecordedProcess[];
  /** The folder of their sockets. */
  readonly sockets: string;
}

/** The file appears complete or not at all. The caller owns the folder. */
export function writeProcessRecord(folder: string, record: ProcessRecord): void {
  const file = join(folder, processesFile);
  writeFileSync(`${file}.draft`, JSON.stringify(record), { mode: 0o600 });
  renameSync(`${file}.draft`, file);
}

export function removeProcessRecord(folder: string): void {
  rmSync(join(folder, processesFile), { force: true });
}

/** When a process started, in the system's own words; undefined when there is none, or only what is left of one. */
export function startOf(pid: number): string | undefined {
  if (existsSync("/proc/self/stat")) {
    try {
      // The name, in brackets, may hold anything; behind it state is field 3 and the start field 22 (proc(5)).
      const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
      const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
      return fields[0] === "Z" || fields[0] === "X" ? undefined : fields[19];
    } catch {
      return undefined;
    }
  }
  const [state = "", ...start] = spawnSync("ps", ["-o", "state=,lstart=", "-p", String(pid)], { encoding: "utf8" })
    .stdout.trim()
    .split(/\s+/);
  return state === "" || state.startsWith("Z") ? undefined : start.join(" ");
}

/** How long processes that lost their supervisor may still drain when the next one wants their files. */
const patienceMs = 2000;
const killedMs = 5000;

/**
 * Ends what a supervisor that was killed left: its processes notice and drain, and those that take longer than the next
 * start can wait are killed, which their files survive. Blocks until they are gone: nothing else has begun. The caller
 * owns the folder. Gives how many had to be killed.
 */
export function endLeftBehind(folder: string, patience: number = patienceMs): number {
  const record = readRecord(join(folder, processesFile));
  if (record === undefined) return 0;
  const left = (): readonly RecordedProcess[] =>
    record.processes.filter(({ pid, startedAt }) => startOf(pid) === startedAt);
  waitUntil(() => left().length === 0, patience);
  const stubborn = left();
  for (const { pid } of stubborn) kill(pid);
  waitUntil(() => left().length === 0, killedMs);
  if (/[\\/]sampan-run-\w+$/.test(record.sockets)) rmSync(record.sockets, { recursive: true, force: true });
  removeProcessRecord(folder);
  return stubborn.length;
}

function readRecord(file: string): ProcessRecord | undefined {
  try {
    const { processes, sockets } = JSON.parse(readFileSync(file, "utf8")) as Partial<ProcessRecord>;
    if (!Array.isArray(processes) || typeof sockets !== "string") return undefined;
    const isWhole = ({ pid, startedAt }: RecordedProcess): boolean =>
      Number.isSafeInteger(pid) && pid > 1 && typeof startedAt === "string";
    return { processes: (processes as RecordedProcess[]).filter(isWhole), sockets };
  } catch {
    return undefined;
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It has just ended.
  }
}

function waitUntil(condition: () => boolean, ms: number): void {
  const cell = new Int32Array(new SharedArrayBuffer(4));
  for (const end = performance.now() + ms; !condition() && performance.now() < end; ) Atomics.wait(cell, 0, 0, 10);
}
