import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

interface Member {
  readonly name: string;
  readonly client: string;
  readonly args: readonly string[];
  readonly folder: string;
  child: ChildProcess | undefined;
}

/** A real etcd of one or more members on loopback, in a temporary folder. */
export class EtcdCluster {
  readonly #members: readonly Member[];
  readonly #folder: string;

  private constructor(folder: string, members: readonly Member[]) {
    this.#folder = folder;
    this.#members = members;
  }

  static async start(size: number): Promise<EtcdCluster> {
    const folder = mkdtempSync(join(tmpdir(), "sampan-etcd-"));
    const ports = await freePorts(size * 2);
    const peer = (i: number) => `http://127.0.0.1:${ports[size + i]}`;
    const all = Array.from({ length: size }, (_, i) => `n${i}=${peer(i)}`).join(",");
    const members = Array.from({ length: size }, (_, i): Member => {
      const client = `http://127.0.0.1:${ports[i]}`;
      const own = join(folder, `n${i}`);
      const args = [
        "--name",
        `n${i}`,
        "--data-dir",
        own,
        "--listen-client-urls",
        client,
        "--advertise-client-urls",
        client,
      ];
      const peers = ["--listen-peer-urls", peer(i), "--initial-advertise-peer-urls", peer(i), "--initial-cluster", all];
      return { name: `n${i}`, client, args: [...args, ...peers], folder: own, child: undefined };
    });
    const cluster = new EtcdCluster(folder, members);
    await Promise.all(members.map((member) => cluster.#start(member)));
    return cluster;
  }

  get endpoints(): string[] {
    return this.#members.map(({ client }) => client);
  }

  /** Kills the member that leads. */
  async killLeader(): Promise<void> {
    for (const member of this.#members) {
      const status = await post(member.client, "/v3/maintenance/status", {});
      if (status.leader === (status.header as { member_id: string }).member_id) return this.#kill(member);
    }
    throw new Error("nobody leads");
  }

  async killAll(): Promise<void> {
    await Promise.all(this.#members.map((member) => this.#kill(member)));
  }

  /** Begins again, with its data or with nothing. */
  async restart(options: { readonly empty: boolean }): Promise<void> {
    await this.killAll();
    if (options.empty) for (const { folder } of this.#members) rmSync(folder, { recursive: true, force: true });
    await Promise.all(this.#members.map((member) => this.#start(member)));
  }

  /** Makes its history begin at the present. */
  async compact(): Promise<void> {
    const [first] = this.endpoints;
    const { header } = await post(first ?? "", "/v3/kv/range", { key: "AA==" });
    await post(first ?? "", "/v3/kv/compaction", {
      revision: (header as { revision: string }).revision,
      physical: true,
    });
  }

  async stop(): Promise<void> {
    await this.killAll();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async #start(member: Member): Promise<void> {
    const child = spawn("etcd", member.args, { stdio: "ignore" });
    member.child = child;
    for (let tries = 0; tries < 300 && child.exitCode === null; tries++) {
      const health = await fetch(`${member.client}/health`).then(
        (answer) => answer.text(),
        () => "",
      );
      if (health.includes("true")) return;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    throw new Error(`${member.name} does not start`);
  }

  #kill(member: Member): Promise<void> {
    const { child } = member;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
    return new Promise((resolve) => {
      child.once("exit", () => resolve());
      child.kill("SIGKILL");
    });
  }
}

async function post(endpoint: string, path: string, body: unknown): Promise<Record<string, unknown>> {
  const answer = await fetch(endpoint + path, { method: "POST", body: JSON.stringify(body) });
  return (await answer.json()) as Record<string, unknown>;
}

async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer());
  await Promise.all(servers.map((server) => new Promise<void>((done) => server.listen(0, "127.0.0.1", done))));
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => new Promise((done) => server.close(done))));
  return ports;
}
