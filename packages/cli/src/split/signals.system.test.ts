// limit: 180s
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { alive, eventually, readySplitCommand, splitCommand } from "./split-command.fixture.js";

const stopping = "stopping all processes";

for (const signal of ["SIGTERM", "SIGINT"] as const) {
  test(`one ${signal} drains every process, and the supervisor exits with 0`, async (t) => {
    const { pids, signal: send, ended } = await readySplitCommand(t);
    send(signal);
    assert.equal(await ended, 0);
    assert.deepEqual([...pids.values()].filter(alive), []);
  });
}

test("the gateway stops first: until it has, everything behind it answers", async (t) => {
  const { pids, data, signal, printed, ended } = await readySplitCommand(t);
  // It cannot drain while it is frozen.
  process.kill(pids.get("gateway") as number, "SIGSTOP");
  signal("SIGINT");
  await eventually(() => printed().includes(stopping));
  assert.equal(await call(data, "CatalogService/ListProducts"), 0);
  assert.equal(await call(data, "UserService/GetUser", '{"userId": "nobody"}'), 69);
  process.kill(pids.get("gateway") as number, "SIGCONT");
  assert.equal(await ended, 0);
  assert.deepEqual([...pids.values()].filter(alive), []);
});

test("a second SIGINT ends everything at once, also what does not stop by itself", async (t) => {
  const { pids, signal, printed, ended } = await readySplitCommand(t);
  process.kill(pids.get("user") as number, "SIGSTOP");
  signal("SIGINT");
  await eventually(() => printed().includes(stopping));
  signal("SIGINT");
  assert.equal(await ended, 130);
  await eventually(() => ![...pids.values()].some(alive));
});

test("Ctrl-C during the start ends what has started, with 130, and leaves nothing behind", async (t) => {
  const { data, signal, children, ended } = splitCommand(t);
  await eventually(async () => (await children()).size >= 2);
  const pids = await children();
  signal("SIGINT");
  assert.equal(await ended, 130);
  assert.deepEqual([...pids.values()].filter(alive), []);
  const left = readdirSync(data).filter((name) => /-owner$|\.json$/.test(name));
  assert.deepEqual(left, []);
});

test("when the supervisor is killed, the others stop by themselves", async (t) => {
  const { pids, signal, ended } = await readySplitCommand(t);
  signal("SIGKILL");
  assert.equal(await ended, "SIGKILL");
  await eventually(() => ![...pids.values()].some(alive));
});

test("what a killed supervisor left and cannot stop is ended by the next start, which goes on with the same data", async (t) => {
  const first = await readySplitCommand(t);
  const { pids, data } = first;
  for (const name of ["order", "gateway"]) process.kill(pids.get(name) as number, "SIGSTOP");
  first.signal("SIGKILL");
  await first.ended;
  assert.ok(existsSync(join(data, "processes.json")));
  const next = await readySplitCommand(t, data);
  assert.deepEqual([...pids.values()].filter(alive), []);
  assert.match(next.printed(), /with what was there before/);
  assert.equal(await call(data, "--user", "op", "--role", "operator", "OrderService/ListAllOrders"), 0);
});

/** `sampan call` on a platform that runs; its exit status. */
async function call(data: string, ...words: string[]): Promise<number> {
  const program = fileURLToPath(new URL("../main.js", import.meta.url));
  const child = spawn(process.execPath, [program, "call", "--folder", data, ...words], { stdio: "ignore" });
  const [status] = (await once(child, "exit")) as [number];
  return status;
}
