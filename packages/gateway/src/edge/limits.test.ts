import assert from "node:assert/strict";
import { test } from "node:test";
import { GatewayErrors } from "../errors.js";
import { contractOf } from "../testing/contract.fixture.js";
import { eventually } from "../testing/eventually.fixture.js";
import { rawClient } from "../testing/raw-client.fixture.js";
import { type World, type WorldOptions, worldOf } from "../testing/world.fixture.js";
import { defaultLimits, limitsFrom } from "./limits.js";

const contract = contractOf({
  Get: { http: { pattern: { case: "get", value: "/thing" } } },
  Create: { http: { pattern: { case: "post", value: "/things" }, body: "*" } },
});

async function inWorld(options: WorldOptions, run: (world: World) => Promise<void>): Promise<void> {
  const world = await worldOf([contract], options);
  try {
    await run(world);
  } finally {
    await world.close();
  }
}

const get = (extra = ""): string => `GET /thing HTTP/1.1\r\nhost: x\r\n${extra}\r\n`;
const quick = { headersTimeoutMs: 400, requestTimeoutMs: 800 };

test("headers up to the limit are read, more is 431", { timeout: 5_000 }, () =>
  inWorld({ limits: { maxHeaderBytes: 2_048 } }, async (world) => {
    for (const [length, status] of [
      [1_800, "200 OK"],
      [2_100, "431 Request Header Fields Too Large"],
    ] as const) {
      const client = rawClient(world.port);
      client.write(get(`x-long: ${"a".repeat(length)}\r\nconnection: close\r\n`));
      assert.ok((await client.received).includes(status), String(length));
    }
  }),
);

for (const [name, text] of [
  ["nothing", ""],
  ["half a header", "GET /thing HTTP/1.1\r\nhos"],
] as const) {
  test(`a client that sends ${name} is cut off with 408`, { timeout: 5_000 }, () =>
    inWorld({ limits: quick }, async (world) => {
      const client = rawClient(world.port);
      const start = performance.now();
      client.write(text);
      assert.match(await client.received, /^HTTP\/1\.1 408 [\s\S]*REQUEST_TIMEOUT/);
      assert.ok(performance.now() - start >= 390);
    }),
  );
}

test("a client that drips its body is cut off with 408, one that is quicker is served", { timeout: 5_000 }, () =>
  inWorld({ limits: quick }, async (world) => {
    const head =
      "POST /things HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n";
    const slow = rawClient(world.port);
    slow.write(`${head}{`);
    const prompt = rawClient(world.port);
    prompt.write(`${head}{`);
    setTimeout(() => prompt.write("}"), 30);
    assert.match(await prompt.received, /200 OK/);
    assert.match(await slow.received, /^HTTP\/1\.1 408 /);
    assert.equal(world.gateway.inFlight, 0);
  }),
);

test("an idle connection is closed after its time, and not before", { timeout: 5_000 }, () =>
  inWorld({ limits: { keepAliveTimeoutMs: 200 } }, async (world) => {
    const client = rawClient(world.port);
    client.write(get());
    await client.until("200 OK");
    const start = performance.now();
    client.write(get());
    const text = await client.received;
    assert.equal(text.match(/200 OK/g)?.length, 2);
    assert.ok(performance.now() - start >= 150);
  }),
);

test("connections beyond the limit are closed at once", { timeout: 5_000 }, () =>
  inWorld({ limits: { maxConnections: 2 } }, async (world) => {
    const served = [rawClient(world.port), rawClient(world.port)];
    for (const client of served) {
      client.write(get());
      await client.until("200 OK");
    }
    const refused = rawClient(world.port);
    assert.equal(await refused.received, "");
    for (const client of served) client.socket.destroy();
  }),
);

test("requests beyond the limit are refused with 503, and taken again afterwards", { timeout: 5_000 }, async () => {
  const finish: (() => void)[] = [];
  let arrived = (): void => {};
  const both = new Promise<void>((resolve) => (arrived = resolve));
  const serve = (request: unknown) =>
    new Promise((resolve) => {
      finish.push(() => resolve(request));
      if (finish.length === 2) arrived();
    });
  await inWorld({ limits: { maxInFlight: 2 }, serve }, async (world) => {
    const first = [world.fetch("/thing"), world.fetch("/thing")];
    await both;
    assert.equal(world.gateway.inFlight, 2);
    const refused = await world.fetch("/thing");
    assert.deepEqual([refused.status, refused.headers.get("retry-after")], [503, "1"]);
    assert.match(await refused.text(), /OVERLOADED/);
    for (const resolve of finish.splice(0)) resolve();
    for (const response of await Promise.all(first)) assert.equal(response.status, 200);
    const again = world.fetch("/thing");
    await eventually("its call", () => finish.length > 0);
    finish[0]?.();
    assert.equal((await again).status, 200);
  });
});

test("a client that does not read its answer is cut off, one that reads slowly is not", {
  timeout: 20_000,
}, async () => {
  const name = "x".repeat(15 * 1024 * 1024);
  await inWorld(
    { limits: { writeTimeoutMs: 300 }, serve: (request) => ({ ...(request as object), name }) },
    async (world) => {
      const stuck = rawClient(world.port);
      stuck.write(get());
      await stuck.until("200 OK");
      stuck.socket.pause();
      await eventually("cutting it off", () => world.gateway.inFlight === 0);
      stuck.socket.destroy();
      const response = await world.fetch("/thing");
      let size = 0;
      for await (const chunk of response.body ?? []) {
        size += (chunk as Uint8Array).length;
        if (size < 2_000_000) await new Promise((resolve) => setTimeout(resolve, 20));
      }
      assert.ok(size > name.length);
    },
  );
});

test("text that is not HTTP is answered with 400", { timeout: 5_000 }, () =>
  inWorld({}, async (world) => {
    for (const text of [
      "hello\r\n\r\n",
      "GET /thing HTTP/1.1\r\n\r\n",
      `${get().slice(0, -2)}content-length: 1\r\ntransfer-encoding: chunked\r\n\r\n`,
    ]) {
      const client = rawClient(world.port);
      client.write(text);
      assert.match(await client.received, /^HTTP\/1\.1 400 /, text);
    }
  }),
);

test("an early refusal does not wait for the rest of a large body", { timeout: 5_000 }, () =>
  inWorld({ limits: { lingerTimeoutMs: 100 } }, async (world) => {
    const client = rawClient(world.port);
    client.write("POST /nothing HTTP/1.1\r\nhost: x\r\ncontent-length: 90000000\r\n\r\n{");
    assert.match(await client.received, /404 Not Found[\s\S]*connection: close/i);
  }),
);

test("limits that make no sense are refused together", () => {
  const problems: string[] = [];
  limitsFrom({ maxBodyBytes: 0, maxInFlight: 1.5, maxJsonDepth: 200, headersTimeoutMs: 40_000 }, problems);
  assert.deepEqual(problems, [
    "limits.maxBodyBytes must be a whole number from 1 to 2147483647, not 0",
    "limits.maxInFlight must be a whole number from 1 to 2147483647, not 1.5",
    "limits.maxJsonDepth must not be above 100",
    "limits.headersTimeoutMs must not be above limits.requestTimeoutMs",
  ]);
  assert.deepEqual(limitsFrom({}, problems), defaultLimits);
  assert.ok(GatewayErrors.INVALID_OPTIONS.definition.message.includes("{problems}"));
});
