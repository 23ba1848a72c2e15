import assert from "node:assert/strict";
import { test } from "node:test";
import { GatewayErrors } from "../errors.js";
import { contractOf } from "../testing/contract.fixture.js";
import { rawClient } from "../testing/raw-client.fixture.js";
import { type World, worldOf } from "../testing/world.fixture.js";

const contract = contractOf({ Get: { http: { pattern: { case: "get", value: "/thing" } } } });
const request = "GET /thing HTTP/1.1\r\nhost: x\r\n\r\n";

/** A world whose service answers when told to, with one request in work. */
async function busy(): Promise<{ world: World; first: ReturnType<typeof rawClient>; finish: () => void }> {
  let finish = (): void => {};
  let entered = (): void => {};
  const arrived = new Promise<void>((resolve) => (entered = resolve));
  const world = await worldOf([contract], {
    limits: { lingerTimeoutMs: 200 },
    serve: (request) =>
      new Promise((resolve) => {
        finish = () => resolve(request);
        entered();
      }),
  });
  const first = rawClient(world.port);
  first.write(request);
  await arrived;
  return { world, first, finish: () => finish() };
}

test("draining finishes what is in work, refuses the rest, then closes the port", { timeout: 5_000 }, async () => {
  const { world, first, finish } = await busy();
  const idle = rawClient(world.port);
  idle.write("GET /nothing HTTP/1.1\r\nhost: x\r\n\r\n");
  await idle.until("404");
  let drained = false;
  const draining = world.listener.drain().then(() => (drained = true));
  for (const client of [idle, rawClient(world.port)]) {
    client.write(request);
    const text = await client.received;
    assert.match(text, /503 Service Unavailable/);
    assert.match(text, /connection: close/i);
    assert.match(text, /retry-after: 1/i);
    assert.match(text, /"reason":"DRAINING"/);
  }
  assert.equal(drained, false);
  finish();
  assert.match(await first.received, /200 OK[\s\S]*connection: close/i);
  await draining;
  await assert.rejects(fetch(world.url));
  await world.close();
});

test("closing aborts what is in work, and its client still gets an answer", { timeout: 5_000 }, async () => {
  const { world, first } = await busy();
  await world.close();
  assert.match(await first.received, /503 Service Unavailable/);
  assert.equal(world.gateway.inFlight, 0);
});

test("closing does not wait for a client that never finishes its request", { timeout: 5_000 }, async () => {
  const { world, finish } = await busy();
  finish();
  const slow = rawClient(world.port);
  slow.write("GET /thing HTTP/1.1\r\nho");
  await world.close();
  await slow.received;
});

test("draining does not wait for a client that never finishes its request", { timeout: 5_000 }, async () => {
  const { world, first, finish } = await busy();
  const slow = rawClient(world.port);
  slow.write("GET /thing HTTP/1.1\r\nho");
  const draining = world.listener.drain();
  finish();
  await draining;
  assert.match(await first.received, /200 OK/);
  await slow.received;
  await world.close();
});

test("a taken port is told in plain words", async () => {
  const { world, finish } = await busy();
  finish();
  await assert.rejects(world.gateway.listen({ port: world.port }), (error) => {
    return (
      GatewayErrors.ADDRESS_IN_USE.is(error) && error.message === `127.0.0.1:${world.port} is in use by another process`
    );
  });
  await world.close();
});

test("the url is one that a client can use", async () => {
  const { world, finish } = await busy();
  finish();
  for (const [host, url] of [
    ["0.0.0.0", /^http:\/\/127\.0\.0\.1:\d+$/],
    ["localhost", /^http:\/\/localhost:\d+$/],
  ] as const) {
    const listener = await world.gateway.listen({ host });
    assert.match(listener.url, url);
    await listener.close();
  }
  await world.close();
});
