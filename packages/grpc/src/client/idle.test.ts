import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { type Connection, HeaderTemplate, type Stream } from "@sampan/h2";
import { createFakeClock, EchoService, type FakeClock } from "@sampan/testkit";
import { caller, framed, rawServer, serveEcho, until } from "../testing.fixture.js";

const halfHour = 1_800_000;
const head = new HeaderTemplate([":status", "200", "content-type", "application/grpc"]);
const ok = new HeaderTemplate(["grpc-status", "0"]);

function answer(connection: Connection, stream: Stream): void {
  connection.sendHeaders(stream, head);
  connection.sendData(stream, framed(new Uint8Array(0)));
  connection.sendHeaders(stream, ok, undefined, true);
}

const open = (connections: readonly Connection[]): number => connections.filter(({ state }) => state === "open").length;

/** Two servers behind one channel whose time stands still. */
async function pair(t: TestContext, idleTimeoutMs?: number): Promise<Awaited<ReturnType<typeof behind>>> {
  return behind(t, [await rawServer(t, answer), await rawServer(t, answer)], idleTimeoutMs);
}

async function behind(
  t: TestContext,
  servers: readonly { readonly port: number; readonly connections: Connection[] }[],
  idleTimeoutMs: number | undefined,
) {
  const clock: FakeClock = createFakeClock();
  const target = `ipv4:${servers.map(({ port }) => `127.0.0.1:${port}`).join(",")}`;
  const { root } = caller(t, target, { clock, ...(idleTimeoutMs === undefined ? {} : { idleTimeoutMs }) });
  const connections = (): Connection[] => servers.flatMap((server) => server.connections);
  return { clock, echo: root.to(EchoService), connections };
}

test("half an hour after the last call every connection closes; the next call connects again", async (t) => {
  const { clock, echo, connections } = await pair(t);
  await echo.unary({});
  await until(() => open(connections()) === 2);
  await clock.advance(halfHour / 2);
  await echo.unary({});
  await clock.advance(halfHour - 1);
  assert.equal(open(connections()), 2);
  await clock.advance(1);
  await until(() => open(connections()) === 0);
  assert.equal(connections().length, 2);
  await echo.unary({});
  await until(() => open(connections()) === 2);
  assert.equal(connections().length, 4);
});

test("a stream in work keeps its channel from being idle", async (t) => {
  let end = (): void => {};
  const server = await rawServer(t, (connection, stream) => {
    connection.sendHeaders(stream, head);
    connection.sendData(stream, framed(new Uint8Array(0)));
    end = () => connection.sendHeaders(stream, ok, undefined, true);
  });
  const { clock, echo, connections } = await behind(t, [server], 1000);
  const stream = echo.produce({});
  await stream.next();
  await clock.advance(100_000);
  assert.equal(open(connections()), 1);
  end();
  assert.equal((await stream.next()).done, true);
  await clock.advance(2000);
  await until(() => open(connections()) === 0);
});

test("0 keeps connections; a closed channel leaves no timer", async (t) => {
  const { clock, echo, connections } = await pair(t, 0);
  await echo.unary({});
  await clock.advance(100 * halfHour);
  await until(() => open(connections()) === 2);
  const { address } = await serveEcho(t);
  const other = createFakeClock();
  const { root, channel } = caller(t, address, { clock: other });
  await root.to(EchoService).unary({});
  await channel.close();
  assert.equal(other.pending, 0);
});

test("a failing address is not tried again and again while its channel is idle", async (t) => {
  const gone = await rawServer(t, answer);
  await gone.listener.close();
  const alive = await rawServer(t, answer);
  const { clock, echo, connections } = await behind(t, [alive, gone], 60_000);
  await echo.unary({});
  await until(() => open(connections()) === 1 && clock.pending === 2);
  await clock.advance(60_000);
  await until(() => open(connections()) === 0 && clock.pending <= 1);
  await clock.advance(100 * halfHour);
  assert.equal(clock.pending, 0);
  await echo.unary({});
});
