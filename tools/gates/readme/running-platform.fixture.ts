import { spawn } from "node:child_process";
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server } from "node:net";
import { setTimeout as wait } from "node:timers/promises";

export interface RunningPlatform {
  readonly port: number;
  stop(): Promise<void>;
}

/** `npm run up` on a free port and the given data folder; resolves when the port answers, rejects with what it printed. */
export async function startPlatform(root: string, dataFolder: string, limitMs: number): Promise<RunningPlatform> {
  const port = await freePort();
  return startProcess(`exec node tools/run.mjs up --port ${port} --data ${dataFolder}`, root, port, limitMs);
}

/** A command of a shell that goes on, and opens a port; resolves when the port answers, rejects with what it printed. */
export async function startProcess(
  command: string,
  cwd: string,
  port: number,
  limitMs: number,
): Promise<RunningPlatform> {
  // A group of its own, because `npm run` does not hand every signal on.
  const child = spawn("bash", ["-c", command], { cwd, detached: true, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (chunk) => {
      output += chunk;
    });
  const exited = once(child, "exit");
  const stop = async (): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) process.kill(-(child.pid as number), "SIGTERM");
    await exited;
  };
  const deadline = Date.now() + limitMs;
  while (!(await answers(port))) {
    if (child.exitCode !== null) throw new Error(`${command} ended with status ${child.exitCode}:\n${output}`);
    if (Date.now() > deadline) {
      await stop();
      throw new Error(`${command} did not listen on port ${port} within ${limitMs / 1000} s:\n${output}`);
    }
    await wait(100);
  }
  return { port, stop };
}

/**
 * A port that is free, with the next one, where the stand-in listens. Both are tried: what a client's connection has left
 * behind keeps a port from being listened on for a minute.
 */
export async function freePort(): Promise<number> {
  for (let tries = 0; tries < 100; tries++) {
    const first = await listening(0);
    const { port } = first.address() as AddressInfo;
    const second = await listening(port + 1).catch(() => undefined);
    await Promise.all([first, second].map((server) => server && once(server.close(), "close")));
    if (second !== undefined) return port;
  }
  throw new Error("no two ports in a row are free");
}

async function listening(port: number): Promise<Server> {
  const server = createServer().listen(port, "127.0.0.1");
  await once(server, "listening");
  return server;
}

function answers(port: number): Promise<boolean> {
  return new Promise((settle) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("connect", () => settle(true)).once("error", () => settle(false));
    socket.once("close", () => settle(false)).once("connect", () => socket.destroy());
  });
}
