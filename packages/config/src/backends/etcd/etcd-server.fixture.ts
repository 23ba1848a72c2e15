import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A real etcd of one node on free ports. */
export interface EtcdServer {
  /** `127.0.0.1:port` */
  readonly host: string;
  /** Ends the server; its data stays. */
  kill(): Promise<void>;
  start(): Promise<void>;
  /** Ends it and deletes its data. */
  dispose(): Promise<void>;
}

export async function startEtcd(): Promise<EtcdServer> {
  const folder = mkdtempSync(join(tmpdir(), "sampan-etcd-"));
  const [client, peer] = await Promise.all([freePort(), freePort()]);
  const host = `127.0.0.1:${client}`;
  let child: ChildProcess | undefined;
  const start = async (): Promise<void> => {
    child = spawn(
      "etcd",
      [
        ["--data-dir", folder],
        ["--listen-client-urls", `http://${host}`],
        ["--advertise-client-urls", `http://${host}`],
        ["--listen-peer-urls", `http://127.0.0.1:${peer}`],
        ["--initial-advertise-peer-urls", `http://127.0.0.1:${peer}`],
        ["--initial-cluster", `default=http://127.0.0.1:${peer}`],
        ["--log-level", "error"],
      ].flat(),
      { stdio: "ignore" },
    );
    for (let tries = 0; !(await isHealthy(host)); tries++) {
      if (tries > 200) throw new Error("etcd did not become healthy");
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  };
  const kill = async (): Promise<void> => {
    const running = child;
    child = undefined;
    if (running === undefined || running.exitCode !== null) return;
    const ended = new Promise((resolve) => running.once("exit", resolve));
    running.kill("SIGKILL");
    await ended;
  };
  await start();
  return {
    host,
    kill,
    start,
    async dispose() {
      await kill();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function isHealthy(host: string): Promise<boolean> {
  try {
    const answer = await fetch(`http://${host}/health`);
    return answer.ok && ((await answer.json()) as { health?: string }).health === "true";
  } catch {
    return false;
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}
