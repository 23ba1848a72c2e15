// limit: 120s
import assert from "node:assert/strict";
import { test } from "node:test";
import { echoClient, eventually, freePort, lives, startEcho } from "./echo-client.fixture.js";

const ready = /"msg":"ready","services"/;

test("a Ctrl-C on the terminal, which every process gets, drains once", async (t) => {
  const listen = `127.0.0.1:${await freePort()}`;
  const program = startEcho(t, { listen });
  await program.printed(ready);
  const inHand = [1, 2].map(() => echoClient(t, `ipv4:${listen}`).call({ takesMs: 500 }));
  // The calls are there when others that came later are answered.
  await Promise.all([1, 2].map(() => echoClient(t, `ipv4:${listen}`).call()));
  program.signal("SIGINT", true);
  const { status, out } = await program.ended();
  assert.equal(status, 0, out);
  assert.equal((await Promise.all(inHand)).length, 2);
  assert.equal(out.match(/"draining","timeout_ms"/g)?.length, 1);
  assert.equal(out.match(/"draining","worker":[12]/g)?.length, 2);
  assert.doesNotMatch(out, /second signal/);
  assert.doesNotMatch(out, /once more stops at once","worker"/, "workers are told by the primary alone");
  assert.match(out, /runs stop/);
});

test("a second signal ends the service and its workers at once", async (t) => {
  const listen = `127.0.0.1:${await freePort()}`;
  const program = startEcho(t, { listen, drainTimeout: "10m" });
  await program.printed(ready);
  const clients = [1, 2].map(() => echoClient(t, `ipv4:${listen}`));
  const pids = (await Promise.all(clients.map((client) => client.call()))).map(({ pid }) => pid);
  const inHand = clients.map((client) => client.call({ takesMs: 60_000, timeoutMs: 90_000 }).catch(() => "lost"));
  await Promise.all(clients.map((client) => client.call()));
  program.signal("SIGTERM");
  await program.printed(
    /"draining","worker":1[\s\S]*"draining","worker":2|"draining","worker":2[\s\S]*"draining","worker":1/,
  );
  program.signal("SIGTERM");
  assert.equal((await program.ended()).status, 143);
  await eventually(() => !pids.some(lives));
  assert.deepEqual(await Promise.all(inHand), ["lost", "lost"]);
});

test("a worker that never starts ends the service, with what it said", async (t) => {
  const { status, out, err } = await startEcho(t, { listen: "127.0.0.1:0", workerStarts: 2 }, "worker 2 fails").ended();
  assert.equal(status, 1);
  assert.match(err, /worker 2 did not start: it ended 2 times in a row, the last time: .*no room for a second one/);
  assert.match(out, /"a worker ended and is started again","place":2/);
  assert.doesNotMatch(out, ready);
});

test("a port that is taken ends the service", async (t) => {
  const listen = `127.0.0.1:${await freePort()}`;
  await startEcho(t, { listen }).printed(ready);
  const { status, err } = await startEcho(t, { listen, workerStarts: 1 }).ended();
  assert.equal(status, 1);
  assert.match(err, /worker [12] did not start: .*EADDRINUSE/);
});

test("a signal during the start closes what is open, and exits with 143", async (t) => {
  const program = startEcho(t, { listen: "127.0.0.1:0", workerStarts: 1000 }, "worker 2 fails");
  // Worker 1 may need longer than worker 2 to fail; and the signal should come while nobody takes its place.
  await program.printed(/runs start/);
  await program.printed(/is started again.*"wait_ms":800/);
  program.signal("SIGTERM");
  const { status, out } = await program.ended();
  assert.equal(status, 143, out);
  assert.match(out, /runs stop/);
});

test("workers finish what they have in hand and end when the primary is killed", async (t) => {
  const listen = `127.0.0.1:${await freePort()}`;
  const program = startEcho(t, { listen });
  await program.printed(ready);
  const clients = [1, 2].map(() => echoClient(t, `ipv4:${listen}`));
  const pids = (await Promise.all(clients.map((client) => client.call()))).map(({ pid }) => pid);
  const inHand = clients.map((client) => client.call({ takesMs: 500 }));
  await Promise.all(clients.map((client) => client.call()));
  program.signal("SIGKILL");
  assert.deepEqual(
    (await Promise.all(inHand)).map(({ pid }) => pid),
    pids,
  );
  await eventually(() => !pids.some(lives));
});
