import assert from "node:assert/strict";
import { once } from "node:events";
import * as http2 from "node:http2";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import type { Connection, ConnectionListener } from "../connection/contract.js";
import type { Stream } from "../connection/stream.js";
import type { HeaderList } from "../headers/header-list.js";
import { HeaderTemplate } from "../hpack/header-template.js";
import { connect } from "./connect.js";
import { listen } from "./listen.js";

/**
 * Against another implementation (nghttp2, through node:http2, which only tests may use): what we write others read,
 * and what others compress we expand.
 */
const CALLS = 60;

/** Values of all kinds: repeated, unique, long, latin1, empty. */
function headersOf(i: number): [string, string][] {
  return [
    ["x-constant", "same on every call"],
    ["x-unique", `call-${i}-${(i * 7919) % 1000}`],
    ["x-long", "l".repeat((i % 7) * 300)],
    ["x-marks", "~!@#$%^&*()_+{}|:\"<>?`-=[]\\;',./"],
    [`x-name-${i % 5}`, ""],
  ];
}

test("a node:http2 client against our server: headers, content and trailers both ways", async () => {
  const seen: HeaderList[] = [];
  const response = new HeaderTemplate([":status", "200", "x-answer", "constant"]);
  const trailers = new HeaderTemplate(["grpc-status", "0"]);
  const accept = (connection: Connection): ConnectionListener => ({
    onHeaders(stream, list) {
      seen.push(list);
      connection.sendHeaders(stream, response, headersOf(seen.length - 1).flat());
    },
    onData(stream, chunk, start, end, endStream) {
      connection.consume(stream, end - start);
      if (end > start) connection.sendData(stream, Buffer.from(chunk.subarray(start, end)));
      if (endStream) connection.sendHeaders(stream, trailers, ["x-count", String(seen.length)], true);
    },
    onTrailers() {},
    onReset() {},
    onWritable() {},
  });
  const listener = await listen({ at: { port: 0, host: "127.0.0.1" }, accept });
  const session = http2.connect(`http://127.0.0.1:${listener.port}`);
  for (let i = 0; i < CALLS; i++) {
    const call = session.request({ ":method": "POST", ":path": `/shop/${i}`, ...Object.fromEntries(headersOf(i)) });
    const answer = once(call, "response");
    const ended = once(call, "trailers");
    call.end(Buffer.alloc(i * 1500, i));
    const [[got], chunks, [last]] = await Promise.all([answer, call.toArray(), ended]);
    for (const [name, value] of headersOf(i)) assert.equal(got[name], value);
    assert.ok(Buffer.concat(chunks as Buffer[]).equals(Buffer.alloc(i * 1500, i)));
    assert.equal(last["grpc-status"], "0");
    assert.equal(seen[i]?.path, `/shop/${i}`);
    for (const [name, value] of headersOf(i)) assert.equal(seen[i]?.get(name), value);
  }
  session.close();
  await once(session, "close");
  assert.equal(listener.counters.protocolErrors + listener.counters.compressionErrors, 0);
  await listener.close();
});

test("our client against a node:http2 server: headers, content and trailers both ways", async () => {
  const server = http2.createServer();
  server.on("stream", (stream, headers) => {
    const i = Number(String(headers[":path"]).slice(1));
    for (const [name, value] of headersOf(i)) assert.equal(headers[name], value);
    stream.respond({ ":status": 200, ...Object.fromEntries(headersOf(i)) }, { waitForTrailers: true });
    stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": "0", "x-count": String(i) }));
    stream.pipe(stream);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const calls = new Map<Stream, { list?: HeaderList; octets: number; resolve: (trailers: HeaderList) => void }>();
  const connection = await connect({
    to: { port: (server.address() as AddressInfo).port, host: "127.0.0.1" },
    listener: (made) => ({
      onHeaders(stream, list) {
        const call = calls.get(stream);
        if (call !== undefined) call.list = list;
      },
      onData(stream, _chunk, start, end) {
        made.consume(stream, end - start);
        const call = calls.get(stream);
        if (call !== undefined) call.octets += end - start;
      },
      onTrailers: (stream, list) => calls.get(stream)?.resolve(list),
      onReset() {},
      onWritable() {},
    }),
  });
  for (let i = 0; i < CALLS; i++) {
    const request = new HeaderTemplate([":method", "POST", ":scheme", "http", ":path", `/${i}`, ":authority", "shop"]);
    const stream = connection.open(request, headersOf(i).flat());
    assert.ok(stream);
    const trailers = await new Promise<HeaderList>((resolve) => {
      calls.set(stream, { octets: 0, resolve });
      connection.sendData(stream, Buffer.alloc(i * 1500), true);
    });
    const call = calls.get(stream);
    assert.equal(trailers.get("x-count"), String(i));
    assert.equal(call?.octets, i * 1500);
    for (const [name, value] of headersOf(i)) assert.equal(call?.list?.get(name), value);
  }
  connection.close();
  await new Promise((resolve) => server.close(resolve));
});
