import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { Code } from "@sampan/core";
import { createCounters } from "@sampan/h2";
import { EchoService, type LogLine, logTo } from "@sampan/testkit";
import type { GrpcOptions } from "../options.js";
import { caller, failsWith, serveEcho, until } from "../testing.fixture.js";
import { authority, clientCertificate, secondCertificate, serverCertificate } from "./certificates.fixture.js";
import { type CommandedSource, commanded } from "./commanded-source.fixture.js";
import type { ServerTls } from "./credentials.js";
import { laterAuthority, laterClient, laterServer } from "./later-authority.fixture.js";

const cart = "spiffe://test/ns/shop/sa/cart";
const second = "spiffe://test/ns/shop/sa/second";

/** A server that says who calls, a client, and the certificates of both, to be changed. */
async function pair(t: TestContext, tls: Partial<ServerTls> = {}) {
  const server = commanded({ ...serverCertificate, ca: authority });
  const client = commanded({ ...clientCertificate, ca: authority });
  const counters = createCounters();
  const lines: LogLine[] = [];
  const { address } = await serveEcho(
    t,
    {
      tls: { server: { certificates: server, requireClientCertificate: true, ...tls } },
      connection: { counters },
      logger: logTo(lines),
    },
    { unary: (_, call) => ({ text: call.peer.identity }) },
  );
  const connect = (source: CommandedSource, options: GrpcOptions = {}) =>
    caller(t, address, { ...options, tls: { client: { certificates: source } } });
  const echo = connect(client).root.to(EchoService);
  return { server, client, counters, connect, echo, lines };
}

/** Workers that call until they are stopped, one after the other's answer. */
function load(echo: Awaited<ReturnType<typeof pair>>["echo"], workers = 8) {
  const failures: unknown[] = [];
  let stopped = false;
  let done = 0;
  const work = async (): Promise<void> => {
    while (!stopped) {
      await echo.unary({}).then(
        () => done++,
        (error) => failures.push(error),
      );
    }
  };
  const working = Promise.all(Array.from({ length: workers }, work));
  return {
    failures,
    /** That many calls later. */
    async after(calls: number): Promise<void> {
      const goal = done + calls;
      await until(() => done >= goal || failures.length > 0);
    },
    async stop(): Promise<void> {
      stopped = true;
      await working;
    },
  };
}

/** A bidi stream that goes on until it is told to end. */
function conversation(echo: Awaited<ReturnType<typeof pair>>["echo"]) {
  const waiting: (() => void)[] = [];
  const words: string[] = [];
  let over = false;
  const requests = (async function* () {
    while (!over || words.length > 0) {
      const text = words.shift();
      if (text === undefined) await new Promise<void>((resolve) => waiting.push(resolve));
      else yield { text };
    }
  })();
  const answers = echo.chat(requests);
  const wake = (): void => {
    for (const resolve of waiting.splice(0)) resolve();
  };
  return {
    answers,
    async say(text: string): Promise<string | undefined> {
      words.push(text);
      wake();
      return (await answers.next()).value?.text;
    },
    async end(): Promise<boolean | undefined> {
      over = true;
      wake();
      return (await answers.next()).done;
    },
  };
}

test("certificates of both sides change again and again under calls and a long stream: no call fails", async (t) => {
  const { server, client, counters, echo } = await pair(t);
  const stream = conversation(echo);
  assert.equal(await stream.say("before"), "before");
  const calls = load(echo);
  for (let round = 0; round < 6; round++) {
    const renewed = round % 2 === 0;
    server.set({ ...(renewed ? secondCertificate : serverCertificate), ca: authority });
    await calls.after(50);
    client.set({ ...(renewed ? secondCertificate : clientCertificate), ca: authority });
    await calls.after(50);
    await until(() => counters.connectionsOpened === round + 2);
    assert.equal((await echo.unary({})).text, renewed ? second : cart);
    assert.equal(await stream.say(`round ${round}`), `round ${round}`);
  }
  await calls.stop();
  assert.deepEqual(calls.failures, []);
  // The first carries the stream, the last the calls; those between are gone.
  await until(() => counters.connectionsClosed === 5);
  assert.equal(await stream.end(), true);
  await until(() => counters.connectionsClosed === 6);
});

test("a new root comes and the old one goes, with an overlap: no call fails, and the old certificates are worth nothing", async (t) => {
  const { server, client, counters, connect, echo } = await pair(t);
  const calls = load(echo);
  await calls.after(50);
  const both = authority + laterAuthority;
  server.set({ ...serverCertificate, ca: both });
  client.set({ ...clientCertificate, ca: both });
  await calls.after(50);
  assert.equal(counters.connectionsOpened, 1, "a new authority is no reason for a new connection");
  client.set({ ...laterClient, ca: both });
  await calls.after(50);
  // A server's new certificate is seen by new connections; here the client has a reason to make one.
  server.set({ ...laterServer, ca: both });
  await calls.after(50);
  client.set({ ...laterClient, ca: both });
  server.set({ ...laterServer, ca: laterAuthority });
  await calls.after(50);
  client.set({ ...laterClient, ca: laterAuthority });
  await calls.after(50);
  await calls.stop();
  assert.deepEqual(calls.failures, []);
  const old = connect(commanded({ ...clientCertificate, ca: both }));
  await failsWith(old.root.to(EchoService).unary({}), Code.Unavailable);
});

test("when the old root goes, the connections that only it vouches for go too; their calls in work may end", async (t) => {
  const { server, counters, connect, echo } = await pair(t);
  const stream = conversation(echo);
  await stream.say("hello");
  const later = connect(commanded({ ...laterClient, ca: authority + laterAuthority }));
  server.set({ ...serverCertificate, ca: authority + laterAuthority });
  const other = conversation(later.root.to(EchoService));
  await other.say("hello");
  server.set({ ...serverCertificate, ca: laterAuthority });
  await until(() => counters.goawaysSent > 0);
  await failsWith(echo.unary({}), Code.Unavailable);
  assert.equal(await stream.say("still"), "still");
  assert.equal(await stream.end(), true);
  await until(() => counters.connectionsClosed === 1);
  assert.equal(counters.peersRefused, 1);
  assert.equal(await other.say("undisturbed"), "undisturbed");
  assert.equal((await later.root.to(EchoService).unary({})).text, cart);
});

test("an own certificate that cannot be used leaves the connection; when it is mended, the next one shows it", async (t) => {
  const { client, counters, echo } = await pair(t);
  await echo.unary({});
  client.set({ ...secondCertificate, key: clientCertificate.key as string, ca: authority });
  for (let i = 0; i < 20; i++) assert.equal((await echo.unary({})).text, cart);
  assert.equal(counters.connectionsOpened, 1);
  client.set({ ...secondCertificate, ca: authority });
  await until(() => counters.connectionsOpened === 2);
  await until(() => counters.connectionsClosed === 1);
  assert.equal((await echo.unary({})).text, second);
});

test("a listener goes on with what it has when the new certificates cannot be used, and says so", async (t) => {
  const { server, client, connect, echo, lines } = await pair(t);
  await echo.unary({});
  server.set({ cert: "nonsense", key: "nonsense", ca: authority });
  assert.deepEqual(
    lines.map(({ level, message }) => [level, message]),
    [["error", "new certificates cannot be used; the listener goes on with the old ones"]],
  );
  assert.equal((await echo.unary({})).text, cart);
  assert.equal((await connect(client).root.to(EchoService).unary({})).text, cart);
});

test("closed channels and listeners watch no longer", async (t) => {
  const server = commanded({ ...serverCertificate, ca: authority });
  const client = commanded({ ...clientCertificate, ca: authority });
  const listener = await serveEcho(t, { tls: { server: { certificates: server } } });
  const { channel } = caller(t, listener.address, { tls: { client: { certificates: client } } });
  assert.deepEqual([server.watchers, client.watchers], [1, 1]);
  await channel.close();
  await listener.close();
  assert.deepEqual([server.watchers, client.watchers], [0, 0]);
});
