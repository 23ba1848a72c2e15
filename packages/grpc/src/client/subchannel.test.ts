import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { Code, Runtime } from "@sampan/core";
import { type Connection, ErrorCode, HeaderTemplate, type Stream } from "@sampan/h2";
import { EchoService } from "@sampan/testkit";
import type { GrpcOptions } from "../options.js";
import { failsWith, framed, rawServer, until } from "../testing.fixture.js";
import { GrpcChannel } from "./channel.js";
import type { Subchannel } from "./subchannel.js";

const head = new HeaderTemplate([":status", "200", "content-type", "application/grpc"]);
const ok = new HeaderTemplate(["grpc-status", "0"]);

function begin(connection: Connection, stream: Stream): void {
  connection.sendHeaders(stream, head);
  connection.sendData(stream, framed(new Uint8Array(0)));
}

/** A client of one address, and what stands behind that. */
function clientOf(t: TestContext, port: number, options: GrpcOptions = {}) {
  const channel = new GrpcChannel(`127.0.0.1:${port}`, options, options.connection ?? {});
  t.after(() => channel.close());
  const runtime = new Runtime({ name: "caller", connect: () => channel, defaultTimeoutMs: 10_000 });
  const subchannel = (): Subchannel => (channel as unknown as { subchannels: [Subchannel] }).subchannels[0];
  return { echo: runtime.root({ name: "test" }).to(EchoService), subchannel };
}

test("a connection that runs out of stream identifiers is replaced; the stream on it goes on, and no call fails", async (t) => {
  let end = (): void => {};
  const { port, connections } = await rawServer(t, (connection, stream, { path }) => {
    begin(connection, stream);
    const finish = (): void => connection.sendHeaders(stream, ok, undefined, true);
    if (path.endsWith("/Unary")) finish();
    else end = finish;
  });
  const { echo, subchannel } = clientOf(t, port);
  const stream = echo.produce({});
  await stream.next();
  await echo.unary({});
  assert.equal(connections.length, 1);
  // A thousand million calls would take too long.
  Object.defineProperty(subchannel().usable?.connection, "mustRotate", { value: true });
  await Promise.all(Array.from({ length: 20 }, () => echo.unary({})));
  assert.equal(connections.length, 2);
  await until(() => connections[0]?.state === "draining");
  end();
  assert.equal((await stream.next()).done, true);
  await until(() => connections[0]?.state === "closed");
  assert.equal(connections[1]?.state, "open");
});

test("after too_many_pings the next connection asks half as often; after another GOAWAY as often as before", async (t) => {
  const goodbyes = ["too_many_pings", "another reason", "too_many_pings"];
  const { port } = await rawServer(t, (connection) =>
    connection.close(ErrorCode.ENHANCE_YOUR_CALM, goodbyes.shift() ?? ""),
  );
  const { echo, subchannel } = clientOf(t, port, { connection: { keepaliveInterval: 30_000 } });
  const asked: number[] = [];
  for (let i = 0; i < 3; i++) {
    await failsWith(echo.unary({}), Code.Unavailable);
    asked.push((subchannel() as unknown as { keepaliveInterval: number }).keepaliveInterval);
  }
  assert.deepEqual(asked, [60_000, 60_000, 120_000]);
});
