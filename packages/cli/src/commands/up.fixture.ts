import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { fileURLToPath } from "node:url";

const program = fileURLToPath(new URL("../main.js", import.meta.url));

/** How a command ended. */
export interface Ended {
  /** The exit status, or the signal. */
  readonly status: number | NodeJS.Signals;
  readonly out: string;
  readonly err: string;
}

/** `sampan` as a child process, in a folder of its own. */
export interface Child {
  readonly pid: number;
  /** Resolves when this was printed on standard output, with its first group; rejects when the command ends before. */
  printed(pattern: RegExp): Promise<string>;
  signal(name: NodeJS.Signals): void;
  ended(): Promise<Ended>;
}

export interface ChildOptions {
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Makes the command believe that it prints to a terminal. */
  readonly terminal?: boolean;
}

/** A folder that is gone after the test. */
export function temporaryFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), "sampan-up-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Ends with the test, if not before. */
export function sampan(
  t: TestContext,
  args: readonly string[],
  { cwd, env = {}, terminal = false }: ChildOptions,
): Child {
  const pretend = terminal ? ["--import", "data:text/javascript,process.stdout.isTTY=true"] : [];
  const inherited = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("SAMPAN_")));
  const child: ChildProcess = spawn(process.execPath, [...pretend, program, ...args], {
    cwd,
    env: { ...inherited, NO_COLOR: "1", ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let out = "";
  let err = "";
  const { stdout, stderr } = child;
  if (stdout === null || stderr === null) throw new Error("the child has no output");
  stdout.setEncoding("utf8").on("data", (text: string) => {
    out += text;
  });
  stderr.setEncoding("utf8").on("data", (text: string) => {
    err += text;
  });
  const closed = once(child, "close");
  t.after(async () => {
    child.kill("SIGKILL");
    await closed;
  });
  return {
    pid: child.pid as number,
    async printed(pattern) {
      for (;;) {
        const match = pattern.exec(out);
        if (match !== null) return match[1] ?? match[0];
        const ended = await Promise.race([once(stdout, "data").then(() => false), closed.then(() => true)]);
        if (ended && !pattern.test(out)) throw new Error(`it ended without ${pattern}:\n${out}\n${err}`);
      }
    },
    signal: (name) => void child.kill(name),
    async ended() {
      const [code, signal] = await closed;
      // Said on a machine that is busy; when, is tested where time stands still.
      return { status: code ?? signal, out, err: err.replace("sampan: starting …\n", "") };
    },
  };
}

/** A port that is taken until the test ends. */
export async function takenPort(t: TestContext): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => server.close());
  const address = server.address();
  return typeof address === "object" && address !== null ? address.port : 0;
}
