import assert from "node:assert/strict";
import { test } from "node:test";
import { gunzipSync, gzipSync } from "node:zlib";
import { create, toBinary } from "@bufbuild/protobuf";
import { type Call, Code, Metadata } from "@sampan/core";
import { EchoRequestSchema, EchoService } from "@sampan/testkit";
import { caller, failsWith, framed, rawCall, serveEcho, until } from "../testing.fixture.js";

const message = (text: string): Uint8Array => toBinary(EchoRequestSchema, create(EchoRequestSchema, { text }));

test("what is not gRPC is refused with the HTTP status for it", async (t) => {
  const { address } = await serveEcho(t);
  assert.equal((await rawCall(t, address, { "content-type": "application/json" })).status, 415);
  assert.equal((await rawCall(t, address, { "content-type": "application/grpc-web" })).status, 415);
  assert.equal((await rawCall(t, address, { ":method": "PUT" })).status, 405);
  for (const type of ["+json", "+thrift", "+", "+protobuf", "+json;proto", "+proto+json", "s"]) {
    assert.equal((await rawCall(t, address, { "content-type": `application/grpc${type}` })).status, 415, type);
  }
  for (const type of ["", "+proto", ";charset=utf-8", "+proto; charset=utf-8", "+proto ;x", "+PROTO"].map(
    (rest) => `application/grpc${rest}`,
  )) {
    const { status, trailers } = await rawCall(t, address, { "content-type": type });
    assert.deepEqual([status, trailers["grpc-status"]], [200, "0"]);
  }
});

test("a failure before the first message is one header section", async (t) => {
  const { address } = await serveEcho(t);
  const answer = await rawCall(t, address, {}, undefined, "/nobody.Serves/This");
  assert.equal(answer.status, 200);
  assert.equal(answer.fields["grpc-status"], String(Code.Unimplemented));
  assert.deepEqual(answer.trailers, {});
});

test("a timeout that is not well formed fails the call", async (t) => {
  const { address } = await serveEcho(t);
  assert.equal((await rawCall(t, address, { "grpc-timeout": "soon" })).fields["grpc-status"], String(Code.Internal));
  assert.equal((await rawCall(t, address, { "grpc-timeout": "10S" })).trailers["grpc-status"], "0");
});

test("a unary call takes exactly one message", async (t) => {
  const { address } = await serveEcho(t);
  for (const content of [new Uint8Array(0), framed(message("a"), message("b"))]) {
    assert.equal((await rawCall(t, address, {}, content)).fields["grpc-status"], String(Code.Unimplemented));
  }
});

test("content that ends inside a message, or is none, is Internal", async (t) => {
  const { address } = await serveEcho(t);
  const broken = [framed(message("a")).subarray(0, 6), framed(Uint8Array.of(0xff, 0xff)), Uint8Array.of(7, 0, 0, 0, 0)];
  for (const content of broken) {
    for (const method of ["Unary", "Collect"]) {
      const { fields } = await rawCall(t, address, {}, content, `/sampan.test.v1.EchoService/${method}`);
      assert.equal(fields["grpc-status"], String(Code.Internal));
    }
  }
});

test("gzip: read when the headers say so, sent when the caller accepts it, refused when unknown", async (t) => {
  const { address } = await serveEcho(t, { compression: "gzip" });
  const body = gzipSync(message("茶".repeat(1000)));
  const content = framed(body);
  content[0] = 1;
  const accepting = await rawCall(
    t,
    address,
    { "grpc-encoding": "gzip", "grpc-accept-encoding": "deflate, gzip" },
    content,
  );
  assert.equal(accepting.fields["grpc-encoding"], "gzip");
  assert.equal(accepting.content[0], 1);
  assert.ok(gunzipSync(accepting.content.subarray(5)).includes("茶茶茶"));
  const plain = await rawCall(t, address, { "grpc-encoding": "gzip" }, content);
  assert.deepEqual([plain.fields["grpc-encoding"], plain.content[0]], [undefined, 0]);

  const unknown = await rawCall(t, address, { "grpc-encoding": "zstd" }, content);
  assert.equal(unknown.fields["grpc-status"], String(Code.Unimplemented));
  assert.equal(unknown.fields["grpc-accept-encoding"], "identity,gzip");
  const unannounced = await rawCall(t, address, {}, content);
  assert.equal(unannounced.fields["grpc-status"], String(Code.Internal));
});

test("a message that grows beyond the limit when decompressed is ResourceExhausted", async (t) => {
  const { address } = await serveEcho(t, { maxMessageBytes: 1_000_000 });
  const content = framed(gzipSync(new Uint8Array(50_000_000)));
  content[0] = 1;
  assert.equal(
    (await rawCall(t, address, { "grpc-encoding": "gzip" }, content)).fields["grpc-status"],
    String(Code.ResourceExhausted),
  );
});

test("only trusted callers are believed who they call for", async (t) => {
  const seen: Call[] = [];
  const context = {
    "x-sampan-tenant": "%e8%8c%b6",
    "x-sampan-user": "u1;admin",
    "x-sampan-caller": "order",
    traceparent: "00-0123456789abcdef0123456789abcdef-0123456789abcdef-01",
  };
  for (const trust of ["local", "all", "verified", "none"] as const) {
    const { address } = await serveEcho(t, { trust }, { unary: (_, call) => ({ number: BigInt(seen.push(call)) }) });
    await rawCall(t, address, context, framed(message("x")));
  }
  assert.deepEqual(
    seen.map((call) => call.tenant),
    ["茶", "茶", "default", "default"],
  );
  assert.deepEqual(
    seen.map((call) => call.user?.roles),
    [["admin"], ["admin"], undefined, undefined],
  );
  assert.deepEqual(
    seen.map((call) => call.peer.identity),
    ["order", "order", "", ""],
  );
  for (const call of seen) {
    assert.equal(call.trace.traceId, "0123456789abcdef0123456789abcdef");
    assert.deepEqual([...call.metadata], []);
  }
});

test("a handler that sets reserved or unsendable metadata fails its call, and the connection lives", async (t) => {
  const { address } = await serveEcho(
    t,
    {},
    {
      unary: ({ text }, call) => {
        if (text === "head") call.responseHeaders.append("grpc-status", "0");
        if (text === "tail") call.responseTrailers.append("x-sampan-tenant", "x");
        return { text };
      },
    },
  );
  const { root } = caller(t, address);
  for (const text of ["head", "tail"]) await failsWith(root.to(EchoService).unary({ text }), Code.Internal);
  assert.equal((await root.to(EchoService).unary({ text: "fine" })).text, "fine");
});

test("a caller that sends reserved metadata fails its call before anything is sent", async (t) => {
  const { address } = await serveEcho(t);
  const { root } = caller(t, address);
  const metadata = Metadata.of({ "grpc-timeout": "1S" });
  await failsWith(root.to(EchoService).unary({}, { metadata }), Code.Internal);
});

test("a deadline ends the call on the server too, while the request is still on its way", async (t) => {
  const { address, dispatcher } = await serveEcho(t);
  const answer = rawCall(
    t,
    address,
    { "grpc-timeout": "30m" },
    framed(new Uint8Array(100)).subarray(0, 50),
    "/sampan.test.v1.EchoService/Collect",
  );
  await answer;
  await until(() => dispatcher.inFlight === 0);
});

test("a unix socket serves too", async (t) => {
  const path = `/tmp/sampan-grpc-${process.pid}.sock`;
  const { address } = await serveEcho(t, { address: `unix:${path}` });
  assert.equal(address, `unix:${path}`);
  const { root } = caller(t, address);
  assert.equal((await root.to(EchoService).unary({ text: "local" })).text, "local");
});
