// needs: etcd
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import { etcdResolver } from "@sampan/discovery/etcd";
import { EchoService, watched } from "@sampan/testkit";
import { alone, noSettings } from "../../echo.fixture.js";
import { type RunningProcess, run } from "../../run.js";
import { service } from "../../service.js";
import { etcdNode } from "./etcd-node.fixture.js";

const program = fileURLToPath(new URL("./registered-echo.fixture.js", import.meta.url));
const ttl = "3s";

async function instance(t: TestContext, name: string, registry: string): Promise<ChildProcess> {
  const child = spawn(process.execPath, [program, name, registry, ttl], { stdio: ["ignore", "pipe", "inherit"] });
  t.after(() => child.kill("SIGKILL"));
  const [said] = await once(child.stdout, "data");
  assert.match(String(said), /is ready/);
  return child;
}

const ask = (caller: RunningProcess): Promise<string> =>
  caller.runtime("caller").run({ name: "ask" }, async (call) => (await call.to(EchoService).unary({ text: "" })).text);

test("a process that is killed is avoided by its callers before its lease in etcd has run out, and one that stops leaves", async (t) => {
  const etcd = await etcdNode();
  t.after(() => etcd.stop());
  const registry = `etcd:${etcd.url}`;
  const [a, b] = await Promise.all([instance(t, "a", registry), instance(t, "b", registry)]);
  const critical = { criticalServices: [EchoService.typeName] };
  const module = service({ name: "caller", settings: noSettings, needs: {}, build: () => ({}) });
  const caller = await run(module, alone({ process: { registry, ...critical }, registry: { ttl } }));
  t.after(() => caller.stop());
  caller.discovery?.balanceBy(EchoService.typeName, "round-robin");
  const answers: string[] = [];
  for (let i = 0; i < 10; i++) answers.push(await ask(caller));
  assert.deepEqual([...new Set(answers)].sort(), ["a", "b"]);

  const resolver = etcdResolver({ endpoints: [etcd.url] });
  t.after(() => resolver.close());
  const seen = watched(resolver, EchoService.typeName);
  const listed = (count: number) =>
    seen.until((event) => "instances" in event && event.instances.length === count, `${count} instances`);
  await listed(2);

  const exited = once(a, "exit");
  const killed = performance.now();
  const gone = listed(1).then(() => performance.now());
  a.kill("SIGKILL");
  await exited;
  const health = (): string | undefined =>
    caller.discovery
      ?.states()
      .get(EchoService.typeName)
      ?.instances.find(({ id }) => id.startsWith("a."))?.health;
  // One call at most was on its way to where nobody is any more.
  let failed = 0;
  while (health() === "up") await ask(caller).catch(() => failed++);
  assert.ok(failed <= 1, `${failed} calls failed`);
  assert.equal(health(), "down", "its probe found that out: etcd still lists it");
  t.diagnostic(`down ${Math.round(performance.now() - killed)} ms after the kill`);
  for (let i = 0; i < 10; i++) assert.equal(await ask(caller), "b");
  t.diagnostic(`gone from etcd ${Math.round((await gone) - killed)} ms after the kill, ttl ${ttl}`);
  assert.equal(await ask(caller), "b");

  const left = listed(0);
  b.kill("SIGTERM");
  await left;
});
