// limit: 180s
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import {
  type EchoProgram,
  echoClient,
  eventually,
  freePort,
  keepCalling,
  lives,
  startEcho,
} from "./echo-client.fixture.js";

const ready = /"msg":"ready","services"/;

/** Calls that workers say they have served, by `/metrics`. */
async function served(program: EchoProgram): Promise<number> {
  const { body } = await program.page("/metrics");
  return Number(/^rpc_server_duration_seconds_count\{code="OK",method="Unary",[^}]*\} (\d+)$/m.exec(body)?.[1] ?? 0);
}

async function gaugeOf(program: EchoProgram, name: string): Promise<number> {
  return Number(new RegExp(`^${name} (\\S+)$`, "m").exec((await program.page("/metrics")).body)?.[1]);
}

/** One after another: a worker is given the next connection when it has taken the one before. */
async function inTurn<T>(times: number, step: () => Promise<T>): Promise<T[]> {
  const results: T[] = [];
  for (let n = 0; n < times; n++) results.push(await step());
  return results;
}

test("workers share one port, and one admin port tells of them all", async (t) => {
  const listen = `127.0.0.1:${await freePort()}`;
  const program = startEcho(t, { listen, adminPort: 0, logLevel: "debug" });
  await program.printed(ready);

  const clients = await inTurn(4, async () => {
    const client = echoClient(t, `ipv4:${listen}`);
    await client.call();
    return client;
  });
  const answers = await Promise.all(
    clients.flatMap((client) => Array.from({ length: 25 }, () => client.call({ takesMs: 1 }))),
  );
  const byPlace = (place: string) => answers.filter((answer) => answer.place === place);
  assert.equal(byPlace("1").length, 50, "connections are handed out in turn");
  assert.equal(byPlace("2").length, 50);
  assert.ok(
    answers.every(({ pid }) => pid !== program.pid),
    "the primary serves nothing",
  );

  assert.equal(await served(program), 104);
  assert.equal(await gaugeOf(program, "workers_ready"), 2);
  assert.equal(await gaugeOf(program, "worker_metrics_missing"), 0);
  const { body } = await program.page("/metrics");
  for (const worker of ["primary", "1", "2"])
    assert.match(body, new RegExp(`^process_resident_memory_bytes\\{worker="${worker}"\\} \\d+$`, "m"));

  const readyz = await program.page("/readyz");
  assert.equal(readyz.status, 200);
  assert.match(readyz.body, /"worker 1"[\s\S]*"worker 2"/);
  const traces = JSON.parse((await program.page("/traces?limit=1000")).body) as { kept: number; spans: unknown[] };
  assert.deepEqual([traces.kept, traces.spans.length], [104, 104]);

  assert.match(program.out, /"msg":"ready","worker":1/);
  assert.match(program.out, /"msg":"ready","worker":2/);
  assert.equal(program.out.match(/runs start/g)?.length, 1, "what exists once runs in one worker");
});

test("a worker that is killed is replaced, its work taken over, and totals do not go down", async (t) => {
  const listen = `127.0.0.1:${await freePort()}`;
  const program = startEcho(t, { listen, adminPort: 0 });
  await program.printed(ready);
  const [, first] = await program.printed(/runs start in (\d+)/);
  const clients = Array.from({ length: 4 }, () => echoClient(t, `ipv4:${listen}`));

  const load = keepCalling(t, clients, 1);
  await eventually(() => load.answers.length > 50);
  const before = await served(program);
  assert.ok(before > 0);
  // Calls that it has in hand fail; nobody knows what it did with them.
  process.kill(Number(first), "SIGKILL");
  // Also while it is gone.
  let last = before;
  await eventually(async () => {
    const now = await served(program);
    assert.ok(now >= last, `${now} calls after ${last}`);
    last = now;
    return /"a worker is back"/.test(program.out);
  });
  const [, second] = await program.printed(new RegExp(`runs start in (?!${first}\\b)(\\d+)`));
  assert.ok(lives(Number(second)));
  const backAt = load.answers.length;
  await eventually(() => load.answers.length > backAt + 50);
  await load.stop();

  assert.ok((await served(program)) >= last + 50);
  assert.equal(await gaugeOf(program, "workers_ready"), 2);
  assert.equal((await program.page("/readyz")).status, 200);
  const fresh = await inTurn(2, () => echoClient(t, `ipv4:${listen}`).call());
  assert.deepEqual(fresh.map(({ place }) => place).sort(), ["1", "2"]);
});

test("a drain fails no call, neither those in hand nor new ones, which go to another instance", async (t) => {
  const addresses = [`127.0.0.1:${await freePort()}`, `127.0.0.1:${await freePort()}`];
  const programs = addresses.map((listen) => startEcho(t, { listen }));
  for (const program of programs) await program.printed(ready);
  const clients = Array.from({ length: 4 }, () => echoClient(t, `ipv4:${addresses.join()}`));

  const load = keepCalling(t, [...clients, ...clients, ...clients], 5);
  const long = clients.map((client) => client.call({ takesMs: 1_000 }));
  await eventually(() => load.answers.length > 100);
  const [leaving] = programs as [EchoProgram];
  leaving.signal("SIGTERM");
  const { status, out } = await leaving.ended();
  assert.equal(status, 0);
  assert.match(out, /"draining","timeout_ms":10000,"workers":2/);
  const count = load.answers.length;
  await eventually(() => load.answers.length > count + 50);
  await load.stop();
  assert.deepEqual(load.failures, []);
  assert.equal((await Promise.all(long)).length, 4);
  assert.ok(new Set(load.answers).size >= 3, "both instances had served");
});

test("a unix socket is shared too, and removed at the end", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "sampan-workers-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const listen = `unix:${join(folder, "echo")}`;
  const program = startEcho(t, { listen });
  await program.printed(ready);
  const answers = await inTurn(4, () => echoClient(t, listen).call());
  assert.deepEqual(answers.map(({ place }) => place).sort(), ["1", "1", "2", "2"]);
  program.signal("SIGTERM");
  assert.equal((await program.ended()).status, 0);
  const again = startEcho(t, { listen });
  await again.printed(ready);
});

test("a worker whose figures are too large, or late, is missed and not waited for", async (t) => {
  const program = startEcho(t, { listen: "127.0.0.1:0", adminPort: 0, workerReportLimit: "1KB" });
  await program.printed(ready);
  assert.equal(await gaugeOf(program, "worker_metrics_missing"), 2);

  const listen = `127.0.0.1:${await freePort()}`;
  const late = startEcho(t, { listen, adminPort: 0, workerReportTimeout: "200ms", drainTimeout: "0s" });
  await late.printed(ready);
  const { pid } = await echoClient(t, `ipv4:${listen}`).call();
  assert.equal(await served(late), 1);
  await assert.rejects(echoClientOf(t, listen, pid), /deadline|timeout/i);
  assert.equal(await gaugeOf(late, "worker_metrics_missing"), 1);
  assert.ok((await served(late)) >= 1, "what it said last is still counted");
  // It cannot drain any more: it is killed, and that shows.
  late.signal("SIGTERM");
  const { status, out } = await late.ended();
  assert.equal(status, 1);
  assert.match(out, /did not stop in time and is killed/);
  assert.ok(!lives(pid));
});

/** Hangs the worker with this process id, by a connection of its own. */
async function echoClientOf(t: Parameters<typeof echoClient>[0], listen: string, pid: number): Promise<void> {
  for (;;) {
    const client = echoClient(t, `ipv4:${listen}`);
    if ((await client.call()).pid !== pid) continue;
    await client.call({ text: "hang", timeoutMs: 300 });
    return;
  }
}
