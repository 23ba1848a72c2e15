import assert from "node:assert/strict";
import { request as httpRequest } from "node:http";
import { after, before, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { contractOf } from "../testing/contract.fixture.js";
import { rawClient } from "../testing/raw-client.fixture.js";
import { type World, worldOf } from "../testing/world.fixture.js";

const contract = contractOf({
  Create: { http: { pattern: { case: "post", value: "/things" }, body: "*" } },
  Ping: { http: { pattern: { case: "post", value: "/ping" } } },
});

let world: World;
before(async () => {
  world = await worldOf([contract], { emitDefaults: false, limits: { maxBodyBytes: 200_000, maxJsonDepth: 8 } });
});
after(() => world.close());

const post = (
  body: string | Buffer,
  contentType: string | null = "application/json",
  path = "/things",
): Promise<Response> =>
  world.fetch(path, { method: "POST", body, headers: contentType === null ? {} : { "content-type": contentType } });

for (const contentType of [
  "application/json",
  "application/json; charset=utf-8",
  "Application/JSON;charset=UTF-8",
  'application/json; charset="utf-8"',
]) {
  test(`accepts ${contentType}`, async () => {
    assert.deepEqual(await (await post('{"name":"茶"}', contentType)).json(), { name: "茶" });
  });
}

for (const contentType of [
  "text/plain",
  "application/x-www-form-urlencoded",
  "application/json; charset=gbk",
  "application/xml",
  "application/jsonp",
]) {
  test(`refuses ${contentType} with 415`, async () => assert.equal((await post("{}", contentType)).status, 415));
}

test("a body without a content type, or compressed, is refused with 415", async () => {
  assert.equal((await world.fetch("/things", { method: "POST", body: new Blob([Buffer.from("{}")]) })).status, 415);
  const headers = { "content-type": "application/json", "content-encoding": "gzip" };
  assert.equal((await world.fetch("/things", { method: "POST", body: "{}", headers })).status, 415);
});

test("an empty body is the empty message", async () => {
  assert.deepEqual(await (await world.fetch("/things", { method: "POST" })).json(), {});
  assert.deepEqual(await (await post("", "text/plain")).json(), {});
});

test("a method without a body takes none", async () => {
  assert.equal((await post("", null, "/ping")).status, 200);
  const refused = await post("{}", "application/json", "/ping");
  assert.equal(refused.status, 400);
  assert.match(await refused.text(), /takes no body/);
});

for (const [body, why] of [
  ["{", /not acceptable JSON/],
  ["{}{}", /not acceptable JSON/],
  ["{'a':1}", /not acceptable JSON/],
  ["\ufeff{}", /not acceptable JSON/],
  ['{"name":"a","name":"b"}', /appears twice/],
  ['{"big":9007199254740993}', /send it as a string/],
  [`${'{"inner":'.repeat(9)}{}${"}".repeat(9)}`, /nested deeper than 8/],
  ['{"nope":1}', /nope is not a field/],
  ['{"inner":{"city":5}}', /inner\.city must be a string/],
  ["[]", /must be an object/],
  ["null", /must be an object/],
] as const) {
  test(`refuses ${body.slice(0, 40)} with 400`, async () => {
    const response = await post(body);
    assert.equal(response.status, 400);
    assert.match(await response.text(), why);
  });
}

test("bytes that are not UTF-8 are refused", async () => {
  const response = await post(Buffer.from([...Buffer.from('{"name":"'), 0xff, ...Buffer.from('"}')]));
  assert.equal(response.status, 400);
  assert.match(await response.text(), /not valid UTF-8/);
});

test("a body of the limit is read, one byte more is refused with 413", async () => {
  const of = (bytes: number): string => `{"name":"${"x".repeat(bytes - 11)}"}`;
  assert.equal((await post(of(200_000))).status, 200);
  const refused = await post(of(200_001));
  assert.equal(refused.status, 413);
  assert.equal(refused.headers.get("connection"), "close");
});

test("a chunked body is limited as it arrives, and the client gets to read the refusal", async () => {
  const status = await new Promise<number | undefined>((resolve, reject) => {
    const headers = { "content-type": "application/json" };
    const request = httpRequest(`${world.url}/things`, { method: "POST", headers }, (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    request.on("error", reject);
    let sent = 0;
    const more = (): void => {
      while (sent++ < 400) if (!request.write("x".repeat(10_000))) return void request.once("drain", more);
      request.end();
    };
    more();
  });
  assert.equal(status, 413);
});

test("a client that sends all of a refused body before it reads still gets the refusal", {
  timeout: 5_000,
}, async () => {
  const client = rawClient(world.port);
  client.socket.pause();
  client.write("POST /things HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 300000\r\n\r\n");
  for (let i = 0; i < 30; i++) {
    client.write("x".repeat(10_000));
    await delay(3);
  }
  client.socket.resume();
  assert.match(await client.received, /^HTTP\/1\.1 413 [\s\S]*BODY_TOO_LARGE/);
});

test("a small refused body does not cost the connection", async () => {
  const client = rawClient(world.port);
  client.write("POST /nothing HTTP/1.1\r\nhost: x\r\ncontent-length: 4\r\n\r\n");
  await client.until("404 Not Found");
  client.write("abcdGET /nothing HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
  assert.equal((await client.received).match(/404 Not Found/g)?.length, 2);
});

test("a client that waits for 100 Continue is told to go on, or refused before it sends", async () => {
  const head = (length: number): string =>
    `POST /things HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\nexpect: 100-continue\r\ncontent-length: ${length}\r\n\r\n`;
  const client = rawClient(world.port);
  client.write(head(2));
  await client.until("100 Continue");
  client.write("{}");
  assert.match(await client.until("200 OK"), /100 Continue[\s\S]*200 OK/);
  client.socket.destroy();
  const refused = rawClient(world.port);
  refused.write(head(200_001));
  const text = await refused.received;
  assert.match(text, /^HTTP\/1.1 413 /);
  assert.doesNotMatch(text, /100 Continue/);
});
