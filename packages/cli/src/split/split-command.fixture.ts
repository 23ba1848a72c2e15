import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { fileURLToPath } from "node:url";

const command = fileURLToPath(new URL("../main.js", import.meta.url));

/** `sampan up --split` as a process of its own, and those below it. */
export interface SplitCommand {
  readonly data: string;
  /** What it has printed. */
  printed(): string;
  signal(name: NodeJS.Signals): void;
  /** By service name, those that run now. */
  children(): Promise<ReadonlyMap<string, number>>;
  /** The exit status, or the signal. */
  readonly ended: Promise<number | NodeJS.Signals | null>;
}

/** On a folder of its own, or the given one. Ends with the test, if not before, and so do the processes below it. */
export function splitCommand(t: TestContext, on?: string): SplitCommand {
  const folder = mkdtempSync(join(tmpdir(), "sampan-split-"));
  const data = on ?? join(folder, "data");
  const child = spawn(process.execPath, [command, "up", "--split", "--port", "0", "--data", data], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let printed = "";
  child.stdout.on("data", (chunk: Buffer) => {
    printed += chunk.toString();
  });
  const exited = once(child, "exit");
  const seen = new Set<number>();
  const children = async (): Promise<ReadonlyMap<string, number>> => {
    const found = await childrenOf(child.pid as number);
    for (const pid of found.values()) seen.add(pid);
    return found;
  };
  t.after(async () => {
    child.kill("SIGKILL");
    await exited;
    for (const pid of seen) if (alive(pid)) process.kill(pid, "SIGKILL");
    rmSync(folder, { recursive: true, force: true });
  });
  return {
    data,
    printed: () => printed,
    signal: (name) => void child.kill(name),
    children,
    ended: exited.then(([status, signal]) => status ?? signal),
  };
}

/** The same, when it is ready, with its eight processes. */
export async function readySplitCommand(
  t: TestContext,
  on?: string,
): Promise<SplitCommand & { readonly pids: ReadonlyMap<string, number> }> {
  const started = splitCommand(t, on);
  await eventually(() => started.printed().includes("Sampan is ready"));
  const pids = await started.children();
  assert.equal(pids.size, 8);
  return { ...started, pids };
}

async function childrenOf(pid: number): Promise<ReadonlyMap<string, number>> {
  const ps = spawn("ps", ["-o", "pid=,args=", "--ppid", String(pid)]);
  let printed = "";
  ps.stdout.on("data", (chunk: Buffer) => {
    printed += chunk.toString();
  });
  await once(ps, "close");
  const found = new Map<string, number>();
  for (const line of printed.split("\n")) {
    const [, id, name] = /^ *(\d+) .*[\\/](\w+)(?:-service)?[\\/]dist[\\/]main\.js/.exec(line) ?? [];
    if (name !== undefined) found.set(name, Number(id));
  }
  return found;
}

export function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

export async function eventually(condition: () => boolean | Promise<boolean>): Promise<void> {
  const end = performance.now() + 30_000;
  while (!(await condition())) {
    assert.ok(performance.now() < end, `it did not happen in 30 s: ${condition}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
