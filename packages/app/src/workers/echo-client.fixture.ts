import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import type { TestContext } from "node:test";
import { fileURLToPath } from "node:url";
import { Runtime } from "@sampan/core";
import { grpcTransport } from "@sampan/grpc";
import { EchoService } from "@sampan/testkit";

const program = fileURLToPath(new URL("./echo-program.fixture.js", import.meta.url));

/** The program of `echo-program.fixture.ts`, running. */
export interface EchoProgram {
  readonly pid: number;
  readonly out: string;
  /** Resolves when a line of the output matches; with what matched. */
  printed(pattern: RegExp): Promise<RegExpExecArray>;
  /** To the process, or to its whole group as a terminal does. */
  signal(name: NodeJS.Signals, group?: boolean): void;
  ended(): Promise<{ readonly status: number | NodeJS.Signals; readonly out: string; readonly err: string }>;
  /** A page of the admin port. */
  page(path: string): Promise<{ readonly status: number; readonly body: string }>;
}

/** Starts it with these settings of its process and two workers; whatever is left of it is killed after the test. */
export function startEcho(t: TestContext, settings: Readonly<Record<string, unknown>>, event = ""): EchoProgram {
  // A machine that is busy with other tests can take its time over an answer.
  const values = JSON.stringify({ workers: 2, adminPort: -1, workerReportTimeout: "30s", ...settings });
  const child = spawn(process.execPath, [program, values, event], {
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  const pid = child.pid as number;
  t.after(() => {
    try {
      process.kill(-pid, "SIGKILL");
    } catch {
      // Nothing is left.
    }
  });
  let out = "";
  let err = "";
  child.stdout.setEncoding("utf8").on("data", (text) => {
    out += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text) => {
    err += text;
  });
  const closed = once(child, "close");
  return {
    pid,
    get out() {
      return out;
    },
    async printed(pattern) {
      for (;;) {
        const found = pattern.exec(out);
        if (found !== null) return found;
        const ended = await Promise.race([once(child.stdout, "data").then(() => false), closed.then(() => true)]);
        if (ended && !pattern.test(out)) throw new Error(`it ended without ${pattern}:\n${out}${err}`);
      }
    },
    signal: (name, group = false) => void process.kill(group ? -pid : pid, name),
    async ended() {
      const [code, signal] = await closed;
      return { status: code ?? signal, out, err };
    },
    async page(path) {
      const url = /"admin":"([^"]+)"/.exec(out)?.[1];
      const response = await fetch(`${url}${path}`, { headers: { connection: "close" } });
      return { status: response.status, body: await response.text() };
    },
  };
}

/** A client with a connection of its own to each address that it uses. */
export interface EchoClient {
  /** Resolves with the place and the process id of the worker that answered. */
  call(options?: { readonly takesMs?: number; readonly text?: string; readonly timeoutMs?: number }): Promise<{
    readonly place: string;
    readonly pid: number;
  }>;
}

export function echoClient(t: TestContext, target: string): EchoClient {
  const transport = grpcTransport({ waitForReady: true });
  t.after(() => transport.close());
  const runtime = new Runtime({ name: "client", connect: () => transport.connect(target), defaultTimeoutMs: 20_000 });
  return {
    call: ({ takesMs = 0, text = "", timeoutMs = 20_000 } = {}) =>
      runtime.run({ name: "test", timeoutMs }, async (call) => {
        const answer = await call.to(EchoService).unary({ text, number: BigInt(takesMs) });
        const [place = "", pid = ""] = answer.text.split("/");
        return { place, pid: Number(pid) };
      }),
  };
}

/** Calls that follow one another, until it is stopped; they end with the test in any case. */
export interface Load {
  /** Process ids of the workers that answered. */
  readonly answers: readonly number[];
  readonly failures: readonly unknown[];
  stop(): Promise<void>;
}

export function keepCalling(t: TestContext, clients: readonly EchoClient[], takesMs: number): Load {
  const answers: number[] = [];
  const failures: unknown[] = [];
  let going = true;
  const calling = clients.map(async (client) => {
    while (going) {
      await client.call({ takesMs }).then(
        ({ pid }) => answers.push(pid),
        (error: unknown) => failures.push(error),
      );
      // Calls of a client that is closed fail at once, and must not keep everything else from its turn.
      await new Promise(setImmediate);
    }
  });
  const stop = async (): Promise<void> => {
    going = false;
    await Promise.all(calling);
  };
  t.after(stop);
  return { answers, failures, stop };
}

export function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}

/** Whether a process lives. */
export function lives(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Waits for something that no event tells of. */
export async function eventually(condition: () => boolean | Promise<boolean>): Promise<void> {
  const end = performance.now() + 30_000;
  while (!(await condition())) {
    if (performance.now() > end) throw new Error(`it did not happen in 30 s: ${condition}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
