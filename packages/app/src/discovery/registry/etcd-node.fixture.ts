import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

/** A real etcd of one node on loopback, in a temporary folder. */
export async function etcdNode(): Promise<{ readonly url: string; stop(): Promise<void> }> {
  const folder = mkdtempSync(join(tmpdir(), "sampan-etcd-"));
  const [url, peer] = (await freePorts(2)).map((port) => `http://127.0.0.1:${port}`);
  const options = {
    "data-dir": folder,
    "listen-client-urls": url,
    "advertise-client-urls": url,
    "listen-peer-urls": peer,
    "initial-advertise-peer-urls": peer,
    "initial-cluster": `default=${peer}`,
  };
  const args = Object.entries(options).flatMap(([name, value]) => [`--${name}`, `${value}`]);
  const child = spawn("etcd", args, { stdio: "ignore" });
  const ended = once(child, "exit");
  for (let tries = 0; !(await isHealthy(`${url}/health`)); tries++) {
    if (tries > 300 || child.exitCode !== null) throw new Error("etcd does not start");
    await delay(50);
  }
  return {
    url: `${url}`,
    async stop() {
      child.kill("SIGKILL");
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function isHealthy(url: string): Promise<boolean> {
  const text = await fetch(url).then(
    (answer) => answer.text(),
    () => "",
  );
  return text.includes("true");
}

async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer());
  await Promise.all(servers.map((server) => new Promise<void>((done) => server.listen(0, "127.0.0.1", done))));
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => new Promise((done) => server.close(done))));
  return ports;
}
