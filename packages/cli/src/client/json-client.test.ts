import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { type TestContext, test } from "node:test";
import { systemClock } from "@sampan/core";
import { memoryKeyValue } from "@sampan/core/memory";
import { signatureVerifier } from "@sampan/identity";
import { JsonClient } from "./json-client.js";

async function serving(
  t: TestContext,
  answer: (request: IncomingMessage, response: ServerResponse, body: string) => void,
) {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => answer(request, response, Buffer.concat(chunks).toString()));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const client = new JsonClient(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  t.after(() => {
    client.close();
    server.closeAllConnections();
    server.close();
  });
  return { client, server };
}

test("a request carries JSON, the token and headers; the answer comes with status, trace and time", async (t) => {
  const { client } = await serving(t, (request, response, body) => {
    const { authorization, accept } = request.headers;
    response.writeHead(201, { "trace-id": "abc" });
    const seen = { method: request.method, url: request.url, authorization, accept, extra: request.headers["x-extra"] };
    response.end(JSON.stringify({ ...seen, type: request.headers["content-type"], body: JSON.parse(body) }));
  });
  const answer = await client.post("/v1/x?a=b", { text: "茶" }, { token: "t", headers: { "x-extra": "1" } });
  assert.deepEqual([answer.status, answer.traceId], [201, "abc"]);
  assert.ok(answer.ms >= 0);
  assert.deepEqual(answer.body, {
    method: "POST",
    url: "/v1/x?a=b",
    authorization: "Bearer t",
    accept: "application/json",
    extra: "1",
    type: "application/json",
    body: { text: "茶" },
  });
});

test("an answer without a body is undefined, one that is not JSON its text", async (t) => {
  const { client } = await serving(t, (request, response) => response.end(request.url === "/text" ? "<html>" : ""));
  assert.equal((await client.get("/")).body, undefined);
  assert.deepEqual(await client.get("/text").then(({ body, traceId }) => [body, traceId]), ["<html>", ""]);
});

test("a request without an answer says to what, and why", async (t) => {
  const { client, server } = await serving(t, (request, response) => {
    if (request.url === "/cut") response.socket?.destroy();
    if (request.url === "/half") {
      response.writeHead(200, { "content-length": 10 });
      response.write("1", () => response.socket?.destroy());
    }
  });
  await assert.rejects(client.get("/cut"), /^Error: GET http:\/\/127\.0\.0\.1:\d+\/cut: no answer \(socket hang up\)$/);
  await assert.rejects(client.get("/half"), /half: no answer \(aborted\)/);
  await assert.rejects(client.get("/silent", { timeoutMs: 20 }), /silent: no answer \(nothing for 20 ms\)/);
  server.closeAllConnections();
  server.close();
  await assert.rejects(client.get("/gone"), /no answer \(connect ECONNREFUSED/);
});

test("connections are kept", async (t) => {
  const ports = new Set<number | undefined>();
  const { client } = await serving(t, (request, response) => {
    ports.add(request.socket.remotePort);
    response.end("{}");
  });
  for (let i = 0; i < 3; i++) await client.get("/");
  assert.equal(ports.size, 1);
});

test("an address that is none is refused", () => {
  assert.throws(() => new JsonClient("nowhere"), TypeError);
  assert.throws(() => new JsonClient("https://example.test"), /only http:/);
});

test("a request with a key is signed as it is sent, each time with another nonce", async (t) => {
  const seen: { target: string; body: string; signature: string }[] = [];
  const { client } = await serving(t, (request, response, body) => {
    seen.push({ target: request.url ?? "", body, signature: String(request.headers["x-sampan-signature"]) });
    response.end("{}");
  });
  const key = { id: "session", secret: "secret" };
  await client.post("/v1/orders?page=1", { note: "茶" }, { key });
  await client.get("/v1/orders", { key });
  await client.get("/v1/orders");
  const verify = signatureVerifier({
    keyOf: async () => ({ secret: "secret" }),
    nonces: memoryKeyValue({ clock: systemClock }),
  });
  for (const [index, method] of ["POST", "GET"].entries()) {
    const { target, body, signature } = seen[index] as (typeof seen)[number];
    (await verify({ method, target, header: signature }))(Buffer.from(body));
  }
  assert.equal(seen[2]?.signature, "undefined");
});
