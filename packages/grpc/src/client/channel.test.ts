import assert from "node:assert/strict";
import { createServer } from "node:net";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { type Call, Code } from "@sampan/core";
import { EchoService } from "@sampan/testkit";
import { GrpcErrors } from "../errors.js";
import { grpcTransport } from "../index.js";
import { caller, failsWith, rawServer, serveEcho, until } from "../testing.fixture.js";

const quick = { reconnect: { initialMs: 5, maxMs: 20 } };

function portOf(address: string): string {
  return address.slice(address.lastIndexOf(":") + 1);
}

test("nobody there: Unavailable at once, with the reason; and a connection when somebody comes", async (t) => {
  const gone = await serveEcho(t);
  await gone.close();
  const { root } = caller(t, gone.address, quick);
  const error = await failsWith(root.to(EchoService).unary({}), Code.Unavailable);
  assert.match(error.message, /ECONNREFUSED/);
  await serveEcho(t, { address: `127.0.0.1:${portOf(gone.address)}` });
  await sleep(40);
  assert.equal((await root.to(EchoService).unary({ text: "back" })).text, "back");
});

test("wait-for-ready: calls wait for a server, until their deadline", async (t) => {
  const gone = await serveEcho(t);
  await gone.close();
  const { root } = caller(t, gone.address, { ...quick, waitForReady: true });
  const early = root.to(EchoService).unary({ text: "patient" });
  await failsWith(root.to(EchoService).unary({}, { timeoutMs: 30 }), Code.DeadlineExceeded);
  await serveEcho(t, { address: `127.0.0.1:${portOf(gone.address)}` });
  assert.equal((await early).text, "patient");
});

test("wait-for-ready of a call comes before its channel's, and its deadline and abort still hold", async (t) => {
  const gone = await serveEcho(t);
  await gone.close();
  const impatient = caller(t, gone.address, quick).root;
  const patient = caller(t, gone.address, { ...quick, waitForReady: true }).root;
  const waiting = impatient.to(EchoService).unary({ text: "patient" }, { waitForReady: true });
  const inherited = patient.to(EchoService).unary({ text: "too" });
  // One that does not wait fails, before and while others do.
  await failsWith(patient.to(EchoService).unary({}, { waitForReady: false }), Code.Unavailable);
  await failsWith(impatient.to(EchoService).unary({}), Code.Unavailable);
  const late = impatient.to(EchoService).produce({}, { waitForReady: true, timeoutMs: 30 });
  await failsWith(late.next(), Code.DeadlineExceeded);
  const controller = new AbortController();
  const left = impatient.to(EchoService).unary({}, { waitForReady: true, signal: controller.signal });
  controller.abort();
  await failsWith(left, Code.Canceled);
  await serveEcho(t, { address: `127.0.0.1:${portOf(gone.address)}` });
  assert.deepEqual([(await waiting).text, (await inherited).text], ["patient", "too"]);
});

test("a server that accepts and hangs up at once counts as a failure, and is not hammered", async (t) => {
  let accepted = 0;
  const server = createServer((socket) => {
    accepted++;
    socket.destroy();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => server.close());
  const { root } = caller(t, `127.0.0.1:${(server.address() as { port: number }).port}`, {
    reconnect: { initialMs: 50 },
  });
  const until = performance.now() + 120;
  while (performance.now() < until) {
    await failsWith(root.to(EchoService).unary({}), Code.Unavailable);
    await sleep(1);
  }
  assert.ok(accepted <= 4, `${accepted} attempts`);
});

test("round robin: addresses take turns, and the others carry on when one is gone", async (t) => {
  const names = ["a", "b", "c"];
  const servers = await Promise.all(names.map((text) => serveEcho(t, {}, { unary: () => ({ text }) })));
  const target = `ipv4:${servers.map(({ address }) => address.slice("ipv4:".length)).join(",")}`;
  const { root } = caller(t, target, quick);
  const ask = async (count: number): Promise<Record<string, number>> => {
    const seen: Record<string, number> = {};
    for (let i = 0; i < count; i++) {
      const { text } = await root.to(EchoService).unary({});
      seen[text] = (seen[text] ?? 0) + 1;
    }
    return seen;
  };
  await ask(1);
  await sleep(30);
  assert.deepEqual(await ask(30), { a: 10, b: 10, c: 10 });
  await servers[1]?.close();
  await sleep(30);
  const rest = await ask(30);
  assert.deepEqual([rest.a, rest.b, rest.c], [15, undefined, 15]);
});

test("in-flight calls are capped, those above wait their turn, and the queue is bounded", async (t) => {
  let inWork = 0;
  let most = 0;
  const { address } = await serveEcho(
    t,
    {},
    {
      async unary({ number }) {
        most = Math.max(most, ++inWork);
        await sleep(2);
        inWork--;
        return { number };
      },
    },
  );
  const { root } = caller(t, address, { maxInFlight: 3, maxQueued: 20 });
  await root.to(EchoService).unary({});
  const calls = Array.from({ length: 30 }, (_, i) => root.to(EchoService).unary({ number: BigInt(i) }));
  const results = await Promise.allSettled(calls);
  const refused = results.filter((result) => result.status === "rejected");
  assert.equal(most, 3);
  assert.equal(refused.length, 7);
  assert.ok(refused.every(({ reason }) => GrpcErrors.CALL_QUEUE_FULL.is(reason)));
});

test("a call that is aborted in the queue leaves it, and is never sent", async (t) => {
  let served = 0;
  const release: (() => void)[] = [];
  const { address } = await serveEcho(
    t,
    {},
    {
      unary: () => {
        served++;
        return new Promise((resolve) => release.push(() => resolve({})));
      },
    },
  );
  const { root } = caller(t, address, { maxInFlight: 1 });
  const first = root.to(EchoService).unary({});
  await until(() => served === 1);
  const child = root.runtime.root({ name: "second" });
  const second = failsWith(child.to(EchoService).unary({}), Code.Canceled);
  child.abort();
  await second;
  release[0]?.();
  await first;
  await sleep(10);
  assert.equal(served, 1);
});

test("a rolling restart under load loses no call", async (t) => {
  const first = await serveEcho(t);
  const second = await serveEcho(t);
  const target = `ipv4:${[first, second].map(({ address }) => address.slice("ipv4:".length)).join(",")}`;
  const { root } = caller(t, target, quick);
  let done = 0;
  let stop = false;
  const failures: unknown[] = [];
  const worker = async (): Promise<void> => {
    while (!stop) {
      await root
        .to(EchoService)
        .unary({ text: "x" })
        .then(
          () => done++,
          (error) => failures.push(error),
        );
    }
  };
  const workers = Array.from({ length: 20 }, worker);
  for (const server of [first, second]) {
    await sleep(50);
    await server.drain();
    await server.close();
    await serveEcho(t, { address: `127.0.0.1:${portOf(server.address)}` });
    await sleep(100);
  }
  stop = true;
  await Promise.all(workers);
  assert.deepEqual(failures, []);
  assert.ok(done > 100);
});

test("drain: a stream in work goes on to its end, and the drain with it", async (t) => {
  const server = await serveEcho(t);
  const { root } = caller(t, server.address);
  const stream = root.to(EchoService).produce({ number: 1000n, body: new Uint8Array(4000) });
  await stream.next();
  let drained = false;
  const drain = server.drain().then(() => {
    drained = true;
  });
  await sleep(30);
  assert.equal(drained, false);
  let read = 1;
  for await (const _ of stream) read++;
  assert.equal(read, 1000);
  await drain;
});

test("close fails what is in work and what waits, and later calls", async (t) => {
  const { address, dispatcher } = await serveEcho(t, {}, { unary: () => new Promise(() => {}) });
  const { root, channel } = caller(t, address, { maxInFlight: 1 });
  const working = root.to(EchoService).unary({});
  await until(() => dispatcher.inFlight === 1);
  const waiting = root.to(EchoService).unary({});
  await channel.close();
  for (const call of [working, waiting, root.to(EchoService).unary({})]) await failsWith(call, Code.Unavailable);
  await until(() => dispatcher.inFlight === 0);
});

test("keepalive ends a connection whose other end is silent", { timeout: 20_000 }, async (t) => {
  const server = createServer((socket) => {
    // Settings, and then never another octet.
    socket.write(Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0]));
    socket.on("error", () => {});
    t.after(() => socket.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => server.close());
  const port = (server.address() as { port: number }).port;
  const connection = { keepaliveInterval: 1000, keepaliveTimeout: 1000 };
  const { root } = caller(t, `127.0.0.1:${port}`, { connection });
  await failsWith(root.to(EchoService).unary({}), Code.Unavailable);
});

test("too many pings: the server says so, and the caller learns why", {
  timeout: 20_000,
}, async (t) => {
  const hang: Call[] = [];
  const { address } = await serveEcho(
    t,
    { connection: { minPingInterval: 60_000 } },
    {
      unary: (_, call) =>
        new Promise((_, reject) => {
          hang.push(call);
          call.onAbort(reject);
        }),
    },
  );
  const { root } = caller(t, address, { connection: { keepaliveInterval: 1000 } });
  const error = await failsWith(root.to(EchoService).unary({}), Code.Unavailable);
  assert.match(error.message, /too_many_pings/);
});

test("calls that are opened before the settings are known wait for them", async (t) => {
  const { port } = await rawServer(t, () => {});
  const transport = grpcTransport();
  t.after(() => transport.close());
  assert.ok(port > 0);
  assert.throws(
    () => transport.connect("no port:x"),
    (error) => GrpcErrors.BAD_TARGET.is(error),
  );
});
