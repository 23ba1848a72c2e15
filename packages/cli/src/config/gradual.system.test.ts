// needs: etcd
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { run, service } from "./gradual.fixture.js";
import { publishDocument, rollBackDocument } from "./publish.js";
import { changeRollout } from "./rollout.js";

const pass = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const port = (): Promise<number> =>
  new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port: free } = server.address() as { port: number };
      server.close(() => resolve(free));
    });
  });

async function startEtcd(t: TestContext, folder: string) {
  const [client, peer] = [`http://127.0.0.1:${await port()}`, `http://127.0.0.1:${await port()}`];
  const args = ["--listen-client-urls", client, "--advertise-client-urls", client, "--listen-peer-urls", peer];
  const more = ["--initial-advertise-peer-urls", peer, "--initial-cluster", `default=${peer}`, "--data-dir", folder];
  const child = spawn("etcd", [...args, ...more, "--log-level", "error"], { stdio: "ignore" });
  const kill = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGKILL");
    await ended;
  };
  t.after(kill);
  for (let tries = 0; ; tries++) {
    const healthy = await fetch(`${client}/health`).then(
      (answer) => answer.ok,
      () => false,
    );
    if (healthy) return { host: client.slice("http://".length), kill };
    assert.ok(tries < 200, "etcd is not healthy");
    await pass(50);
  }
}

test("a value reaches one of several processes first, then all; bad ones reach nobody, and the one before comes back", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "sampan-gradual-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const etcd = await startEtcd(t, join(folder, "etcd"));
  const at = `etcd://${etcd.host}/shop/test`;
  const file = join(folder, "order.yaml");
  const said: string[] = [];
  const say = (text: string): void => void said.push(text);
  const common = ["--service", "order", "--at", at];
  const publish = (text: string): Promise<number> => {
    writeFileSync(file, text);
    return publishDocument([file, ...common], say);
  };
  const rolling = `# The shop's orders
settings: { order: { paymentWindow: 10m } }
rollouts:
  - name: shorter
    to: { instances: [one] }
    settings: { order: { paymentWindow: 5m } }
`;
  await publish("settings: { order: { paymentWindow: 10m } }");

  const start = (instance: string) => run(service(), at, instance, join(folder, instance));
  const all = await Promise.all(["one", "two", "three"].map(start));
  const windows = (): number[] => all.map(({ live }) => live.current.paymentWindow / 60_000);
  const until = async (expected: readonly number[]): Promise<void> => {
    for (let tries = 0; tries < 200 && windows().join() !== expected.join(); tries++) await pass(25);
    assert.deepEqual(windows(), expected);
  };
  assert.deepEqual(windows(), [10, 10, 10]);

  const times: number[] = [];
  await publish(rolling);
  await until([5, 10, 10]);
  await assert.rejects(publish("settings: { order: { paymentWindow: 5 } }"), /order.paymentWindow/);
  await changeRollout(["shorter", "--to", "100%", ...common], say);
  await until([5, 5, 5]);
  await rollBackDocument(common, say);
  await until([5, 10, 10]);
  await changeRollout(["shorter", "--finish", ...common], say);
  await until([5, 5, 5]);
  for (const minutes of [7, 8, 9, 11, 12]) {
    const began = performance.now();
    await publish(`settings: { order: { paymentWindow: ${minutes}m } }`);
    await until([minutes, minutes, minutes]);
    times.push(Math.round(performance.now() - began));
  }
  t.diagnostic(`from publishing to effect in three processes: ${times.join(", ")} ms`);

  await all[2]?.stop();
  await etcd.kill();
  const again = await start("three");
  assert.equal(again.live.current.paymentWindow, 12 * 60_000);
  assert.ok(again.lines.some((line) => line.includes("starting with the last good configuration")));
  await Promise.all([again, all[0], all[1]].map((each) => each?.stop()));
  assert.deepEqual(windows().slice(0, 2), [12, 12]);
});
