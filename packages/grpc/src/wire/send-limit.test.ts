import assert from "node:assert/strict";
import { test } from "node:test";
import { Code, CoreErrors, type RpcError } from "@sampan/core";
import { EchoService } from "@sampan/testkit";
import { caller, failsWith, serveEcho } from "../testing.fixture.js";

/** An echo request or response of exactly so many octets: one for the tag, three for the length, and the rest. */
const sized = (octets: number): { body: Uint8Array } => ({ body: new Uint8Array(octets - 4).map((_, i) => i * 31) });
const limit = 20_000;

async function* stream(...messages: readonly object[]): AsyncGenerator<object> {
  yield* messages;
}

function isTooLarge(error: RpcError, method: string): void {
  assert.ok(CoreErrors.MESSAGE_TOO_LARGE.is(error), `${error}`);
  const path = `/sampan.test.v1.EchoService/${method}`;
  assert.deepEqual(error.info?.metadata, { method: path, size: "20001", limit: "20000" });
}

test("a client sends a message up to its limit, and none above it: the server is not reached", async (t) => {
  let served = 0;
  const { address } = await serveEcho(t, {}, { unary: ({ body }) => ({ body, number: BigInt(++served) }) });
  const { root } = caller(t, address, { maxSendMessageBytes: limit, compression: "gzip" });
  const echo = root.to(EchoService);
  assert.equal((await echo.unary(sized(limit))).body.length, limit - 4);
  isTooLarge(await failsWith(echo.unary(sized(limit + 1)), Code.ResourceExhausted), "Unary");
  assert.equal(served, 1);
  assert.equal((await echo.collect(stream(sized(limit), sized(limit)))).number, 2n);
  const collect = echo.collect(stream({}, sized(limit + 1)));
  isTooLarge(await failsWith(collect, Code.ResourceExhausted), "Collect");
});

test("a server sends a message up to its limit; for one above it the call fails, and the connection lives", async (t) => {
  const { address } = await serveEcho(t, { maxSendMessageBytes: limit });
  const { root } = caller(t, address);
  const echo = root.to(EchoService);
  assert.equal((await echo.unary(sized(limit))).body.length, limit - 4);
  isTooLarge(await failsWith(echo.unary(sized(limit + 1)), Code.ResourceExhausted), "Unary");
  const chat = echo.chat(stream(sized(limit), sized(limit + 1)));
  assert.equal((await chat.next()).value?.body.length, limit - 4);
  isTooLarge(await failsWith(chat.next(), Code.ResourceExhausted), "Chat");
  assert.equal((await echo.unary({ text: "on" })).text, "on");
});

test("without the option only the receiver's limit holds", async (t) => {
  const { address } = await serveEcho(t, { maxMessageBytes: limit });
  const echo = caller(t, address, { maxMessageBytes: limit }).root.to(EchoService);
  assert.equal((await echo.unary(sized(limit))).body.length, limit - 4);
  const error = await failsWith(echo.unary(sized(limit + 1)), Code.ResourceExhausted);
  isTooLarge(error, "Unary");
});
