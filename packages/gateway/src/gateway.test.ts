import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { after, before, test } from "node:test";
import fc from "fast-check";
import { contractOf, type TestMethod } from "./testing/contract.fixture.js";
import { rawClient } from "./testing/raw-client.fixture.js";
import { type World, worldOf } from "./testing/world.fixture.js";

const get = (path: string, responseBody = ""): TestMethod => ({
  http: { pattern: { case: "get", value: path }, responseBody },
});
const post = (path: string, body: string, responseBody = ""): TestMethod => ({
  http: { pattern: { case: "post", value: path }, body, responseBody },
});

const things = contractOf({
  Find: get("/v1/things"),
  Get: get("/v1/things/{name}"),
  GetFile: get("/v1/files/{name=docs/**}"),
  GetNumber: get("/v1/numbers/{inner.zip_code}/{big}/{color}"),
  Create: { ...post("/v1/things", "*"), rules: { successStatus: 201 } },
  Touch: { ...post("/v1/things/{name}:touch", "*"), rules: { successStatus: 204 } },
  SetInner: {
    http: { pattern: { case: "put", value: "/v1/things/{name}/inner" }, body: "inner", responseBody: "inner" },
  },
  SetTags: post("/v1/things/{name}/tags", "tags", "tags"),
  Remove: { http: { pattern: { case: "delete", value: "/v1/things/{name}" } } },
});

let world: World;
before(async () => {
  world = await worldOf([things], { emitDefaults: false });
});
after(() => world.close());

async function answer(path: string, init?: Parameters<World["fetch"]>[1]): Promise<[number, unknown]> {
  const response = await world.fetch(path, init);
  return [response.status, await response.json()];
}

test("path, query and body make the message", async () => {
  assert.deepEqual(await answer("/v1/things/tea?count=3&inner.city=x"), [
    200,
    { name: "tea", count: 3, inner: { city: "x" } },
  ]);
  assert.deepEqual(await answer("/v1/things", { method: "POST", json: { name: "a", big: "9007199254740993" } }), [
    201,
    { name: "a", big: "9007199254740993" },
  ]);
  assert.deepEqual(await answer("/v1/things/tea/inner?count=3", { method: "PUT", json: { city: "y" } }), [
    200,
    { city: "y" },
  ]);
  assert.deepEqual(await answer("/v1/things/tea/tags", { method: "POST", json: ["a", "b"] }), [200, ["a", "b"]]);
  assert.deepEqual(await answer("/v1/things/tea/tags", { method: "POST" }), [200, []]);
  assert.deepEqual(await answer("/v1/things/tea/inner", { method: "PUT" }), [200, null]);
  assert.deepEqual(await answer("/v1/things/tea", { method: "DELETE" }), [200, { name: "tea" }]);
});

test("path variables are decoded and typed", async () => {
  assert.deepEqual(await answer("/v1/things/%E8%8C%B6%2Fa%20b+c"), [200, { name: "茶/a b+c" }]);
  assert.deepEqual(await answer("/v1/files/docs/a%20b/c%2Fd"), [200, { name: "docs/a b/c%2Fd" }]);
  assert.deepEqual(await answer("/v1/numbers/-5/9007199254740993/RED"), [
    200,
    { inner: { zipCode: "-5" }, big: "9007199254740993", color: "RED" },
  ]);
  const [status, body] = await answer("/v1/numbers/x/1.5/BLUE");
  assert.equal(status, 400);
  assert.deepEqual(
    (body as { details: { fieldViolations?: { field: string }[] }[] }).details
      .flatMap((each) => each.fieldViolations ?? [])
      .map(({ field }) => field),
    ["inner.zipCode", "big", "color"],
  );
  assert.equal((await answer("/v1/things/%ff"))[0], 400);
});

test("a body that contradicts the path is refused, one that repeats it is not", async () => {
  const touch = (name: string) => world.fetch("/v1/things/a:touch", { method: "POST", json: { name } });
  assert.equal((await touch("a")).status, 204);
  const refused = await touch("b");
  assert.equal(refused.status, 400);
  assert.match(await refused.text(), /name is not the same in the path and in the body/);
});

test("unknown query parameters are refused by name", async () => {
  const [status, body] = await answer("/v1/things?pageSize=3&count=1&tagz=a");
  assert.equal(status, 400);
  const { message } = body as { message: string };
  assert.match(message, /pageSize is not a query parameter of this method; tagz is not/);
  assert.equal((await answer("/v1/things?count=1", { method: "POST", json: {} }))[0], 400);
});

test("204 has no body", async () => {
  const response = await world.fetch("/v1/things/a:touch", { method: "POST", json: {} });
  assert.deepEqual([response.status, await response.text(), response.headers.get("content-type")], [204, "", null]);
});

test("unknown paths are 404, wrong methods 405 with Allow", async () => {
  const [status, body] = await answer("/v2/nothing?x=1");
  assert.equal(status, 404);
  assert.equal((body as { message: string }).message, "there is nothing at /v2/nothing");
  const wrong = await world.fetch("/v1/things/a", { method: "PATCH" });
  assert.equal(wrong.status, 405);
  assert.equal(wrong.headers.get("allow"), "DELETE, GET, HEAD, OPTIONS");
  assert.equal(((await wrong.json()) as { status: string }).status, "UNIMPLEMENTED");
});

test("HEAD is GET without its body, OPTIONS tells the methods", async () => {
  const head = await world.fetch("/v1/things/tea", { method: "HEAD" });
  assert.deepEqual([head.status, head.headers.get("content-length"), await head.text()], [200, "14", ""]);
  assert.equal((await world.fetch("/v1/things/a:touch", { method: "HEAD" })).status, 200, "a colon in a name");
  assert.equal((await world.fetch("/v1/nothing", { method: "HEAD" })).status, 404);
  const options = await world.fetch("/v1/things/a", { method: "OPTIONS" });
  assert.deepEqual([options.status, options.headers.get("allow")], [204, "DELETE, GET, HEAD, OPTIONS"]);
  assert.equal((await world.fetch("/nothing", { method: "OPTIONS" })).status, 404);
});

test("answers carry a trace id, and are not sniffed or, unless public reads, cached", async () => {
  const read = await world.fetch("/v1/things/tea");
  assert.match(read.headers.get("trace-id") ?? "", /^[0-9a-f]{32}$/);
  assert.equal(read.headers.get("x-content-type-options"), "nosniff");
  assert.equal(read.headers.get("cache-control"), null);
  const write = await world.fetch("/v1/things", { method: "POST", json: {} });
  assert.equal(write.headers.get("cache-control"), "no-store");
  assert.equal((await world.fetch("/nothing")).headers.get("cache-control"), "no-store");
});

test("zero values are spelt out unless told otherwise", async () => {
  const talkative = await worldOf([things]);
  try {
    const body = (await (await talkative.fetch("/v1/things/tea")).json()) as Record<string, unknown>;
    assert.deepEqual([body.tags, body.big, body.color, body.inner], [[], "0", "COLOR_UNSPECIFIED", undefined]);
  } finally {
    await talkative.close();
  }
});

test("the routes can be listed", () => {
  assert.deepEqual(world.gateway.routes[1], {
    httpMethod: "GET",
    path: "/v1/things/{name}",
    method: "/test.v1.ThingService/Get",
  });
});

test("the request target may be absolute, and OPTIONS may ask of the whole server", async () => {
  for (const [line, status] of [
    ["GET http://shop.example/v1/things/tea?count=1", "200 OK"],
    ["GET http://shop.example", "404 Not Found"],
    ["GET //v1/things/tea", "404 Not Found"],
    ["OPTIONS *", "204 No Content"],
    ["BREW /v1/things/tea", "400 Bad Request"],
    ["PURGE /v1/things/tea", "405 Method Not Allowed"],
  ] as const) {
    const client = rawClient(world.port);
    client.write(`${line} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n`);
    assert.ok((await client.received).startsWith(`HTTP/1.1 ${status}`), line);
  }
});

test("how many entries a list may have is the contract's business, not the edge's", async () => {
  const inners = Array.from({ length: 10_000 }, (_, i) => ({ city: "x", zipCode: String(i) }));
  const [status, body] = await answer("/v1/things", { method: "POST", json: { inners } });
  assert.deepEqual([status, (body as { inners: unknown[] }).inners.length], [201, 10_000]);
});

test("violations are named as the contract's validation names them, the first three also in the message", async () => {
  const [status, body] = await answer("/v1/things", {
    method: "POST",
    json: { inners: [{}, { zip_code: "1.5" }], labels: { a: 1 }, nope: 1, leftSide: "a", rightSide: 1 },
  });
  const { message, details } = body as { message: string; details: { fieldViolations?: object[] }[] };
  assert.equal(status, 400);
  assert.match(
    message,
    /^the request is not valid: inners\[1\]\.zipCode must .*; labels\["a"\] must .*; nope is .*; and 1 more$/,
  );
  assert.deepEqual(details[1]?.fieldViolations?.[2], {
    field: "nope",
    description: "is not a field of this message",
    reason: "UNKNOWN",
  });
});

test("no body makes a server fault", async () => {
  const unit = fc.constantFrom(
    ...'{}[]",:\\0123-.'.split(""),
    '"name"',
    '"inner"',
    '"tags"',
    "null",
    '"__proto__"',
    "é",
  );
  const body = fc.oneof(
    fc.string({ unit, maxLength: 30 }),
    fc.json({ maxDepth: 4 }),
    fc
      .dictionary(fc.constantFrom("name", "inner", "tags", "labels", "any", "free", "at", "boxed"), fc.jsonValue())
      .map((json) => JSON.stringify(json)),
  );
  await fc.assert(
    fc.asyncProperty(body, async (text) => {
      const headers = { "content-type": "application/json" };
      const { status } = await world.fetch("/v1/things", { method: "POST", body: text, headers });
      assert.ok(status === 201 || status === 400, `${status} for ${text}`);
    }),
    { numRuns: 300 },
  );
});

test("it can live in a server of one's own", async () => {
  const server = createServer((request, response) => world.gateway.handle(request, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  try {
    const { port } = server.address() as AddressInfo;
    assert.deepEqual(await (await fetch(`http://127.0.0.1:${port}/v1/things/tea`)).json(), { name: "tea" });
  } finally {
    server.closeAllConnections();
    server.close();
  }
});
