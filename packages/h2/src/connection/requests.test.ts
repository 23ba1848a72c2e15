import assert from "node:assert/strict";
import { test } from "node:test";
import { HeaderList } from "../headers/header-list.js";
import { HpackDecoder } from "../hpack/decoder.js";
import { HeaderTemplate } from "../hpack/header-template.js";
import { data, type Frame, frame, headers, literalBlock, requestFields } from "../testing/frames.fixture.js";
import { client, type Lab, server } from "../testing/lab.fixture.js";
import { ErrorCode } from "../wire/error-code.js";
import * as wire from "../wire/frame.js";

const ok = new HeaderTemplate([":status", "200", "content-type", "application/grpc"]);
const done = new HeaderTemplate(["grpc-status", "0"]);

function fieldsOf(each: Frame | undefined, decoder: HpackDecoder = new HpackDecoder(4096)): HeaderList {
  assert.ok(each);
  const list = new HeaderList(65_536);
  assert.equal(decoder.decode(each.payload, 0, each.payload.length, list), "");
  return list;
}

test("a call: request headers, a message, response headers, a message, trailers", () => {
  const lab = server().feed(headers(1, requestFields), data(1, "ask", true));
  const [request] = lab.of("headers");
  assert.ok(request);
  assert.equal(request.list.path, "/shop.v1.Order/Create");
  assert.deepEqual(request.list.fields, ["te", "trailers"]);
  lab.connection.sendHeaders(request.stream, ok);
  lab.connection.sendData(request.stream, Buffer.from("answer"), false, Buffer.from([0, 0, 0, 0, 6]));
  lab.connection.sendHeaders(request.stream, done, ["grpc-message", "fine"], true);
  const frames = lab.sent();
  assert.deepEqual(
    frames.map((each) => [each.type, each.flags]),
    [
      [wire.HEADERS, wire.FLAG_END_HEADERS],
      [wire.DATA, 0],
      [wire.HEADERS, wire.FLAG_END_HEADERS | wire.FLAG_END_STREAM],
    ],
  );
  const decoder = new HpackDecoder(4096);
  assert.equal(fieldsOf(frames[0], decoder).status, 200);
  assert.equal(frames[1]?.payload.toString("latin1"), "\0\0\0\0\x06answer");
  assert.deepEqual(fieldsOf(frames[2], decoder).fields, ["grpc-status", "0", "grpc-message", "fine"]);
  assert.equal(lab.connection.streamCount, 0);
});

test("a trailers-only answer is one HEADERS frame that ends the stream", () => {
  const lab = server().feed(headers(1, requestFields, true));
  const [request] = lab.of("headers");
  assert.ok(request?.end);
  lab.connection.sendHeaders(request.stream, ok, ["grpc-status", "12"], true);
  const frames = lab.sent();
  assert.equal(frames.length, 1);
  assert.equal(frames[0]?.flags, wire.FLAG_END_HEADERS | wire.FLAG_END_STREAM);
  assert.equal(lab.connection.streamCount, 0);
});

test("an answer before the request has ended is followed by RST_STREAM NO_ERROR, and late DATA is credited", () => {
  const lab = server({ connectionWindow: 65_535 }).feed(headers(1, requestFields), data(1, "first"));
  const [request] = lab.of("headers");
  assert.ok(request);
  lab.connection.sendHeaders(request.stream, ok, undefined, true);
  const frames = lab.sent();
  assert.deepEqual(
    frames.map((each) => each.type),
    [wire.HEADERS, wire.RST_STREAM],
  );
  assert.equal(frames[1]?.payload.readUInt32BE(0), ErrorCode.NO_ERROR);
  lab.feed(...Array.from({ length: 4 }, () => data(1, Buffer.alloc(9000))));
  assert.equal(lab.connection.state, "open");
  assert.equal(lab.counters.lateFrames, 4);
  const [update] = lab.sentOf(wire.WINDOW_UPDATE);
  assert.equal(update?.id, 0);
  assert.ok((update?.payload.readUInt32BE(0) ?? 0) > 32_000);
});

test("request trailers are delivered last", () => {
  const lab = server().feed(headers(1, requestFields), data(1, "x"), headers(1, ["x-sum", "1"], true));
  assert.deepEqual(
    lab.events.map((event) => event.type),
    ["headers", "data", "trailers"],
  );
});

test("priority is validated and otherwise ignored", () => {
  const block = literalBlock(requestFields);
  const flags = wire.FLAG_END_HEADERS | wire.FLAG_PRIORITY;
  const lab = server();
  lab.feed(frame(wire.HEADERS, flags, 1, Buffer.concat([Buffer.from([0, 0, 0, 5, 10]), block])));
  lab.feed(frame(wire.PRIORITY, 0, 9, Buffer.from([0, 0, 0, 5, 10])));
  assert.equal(lab.of("headers").length, 1);
  assert.deepEqual(lab.sent(), []);
  lab.feed(frame(wire.HEADERS, flags, 3, Buffer.concat([Buffer.from([0, 0, 0, 3, 10]), block])));
  assert.equal(lab.of("headers").length, 1);
  assert.equal(lab.sentOf(wire.RST_STREAM)[0]?.payload.readUInt32BE(0), ErrorCode.PROTOCOL_ERROR);
});

test("a malformed PRIORITY on an idle stream ends the connection: an idle stream may not be reset", () => {
  const atClient = client().feed(frame(wire.PRIORITY, 0, 5, Buffer.alloc(4)));
  assert.equal(atClient.goawayCode(), ErrorCode.FRAME_SIZE_ERROR);
  const atServer = server().feed(frame(wire.PRIORITY, 0, 5, Buffer.from([0, 0, 0, 5, 10])));
  assert.deepEqual(
    atServer.sent().map((each) => each.type),
    [wire.GOAWAY],
  );
});

test("padded HEADERS and a block in many CONTINUATION frames", () => {
  const block = literalBlock(requestFields);
  const lab = server();
  const padded = Buffer.concat([Buffer.from([2]), block, Buffer.alloc(2)]);
  lab.feed(frame(wire.HEADERS, wire.FLAG_END_HEADERS | wire.FLAG_PADDED, 1, padded));
  lab.feed(
    frame(wire.HEADERS, wire.FLAG_END_STREAM, 3, block.subarray(0, 10)),
    frame(wire.CONTINUATION, 0, 3, block.subarray(10, 20)),
    frame(wire.CONTINUATION, wire.FLAG_END_HEADERS, 3, block.subarray(20)),
  );
  assert.deepEqual(
    lab.of("headers").map((event) => event.list.path),
    ["/shop.v1.Order/Create", "/shop.v1.Order/Create"],
  );
});

test("streams above MAX_CONCURRENT_STREAMS are refused, and their headers still enter the table", () => {
  const lab = server({ maxConcurrentStreams: 1 });
  // Literal with incremental indexing: x-a: 1.
  const indexed = Buffer.concat([literalBlock(requestFields), Buffer.from([0x40, 3]), Buffer.from("x-a\x011")]);
  lab.feed(headers(1, requestFields));
  lab.feed(frame(wire.HEADERS, 5, 3, indexed));
  const [refusal] = lab.sentOf(wire.RST_STREAM);
  assert.deepEqual([refusal?.id, refusal?.payload.readUInt32BE(0)], [3, ErrorCode.REFUSED_STREAM]);
  lab.connection.reset(lab.of("headers")[0]?.stream as never, ErrorCode.CANCEL);
  lab.feed(frame(wire.HEADERS, 5, 5, Buffer.concat([literalBlock(requestFields), Buffer.from([0xbe])])));
  assert.deepEqual(lab.of("headers")[1]?.list.fields, ["te", "trailers", "x-a", "1"]);
  assert.equal(lab.counters.streamsRefused, 1);
});

const smuggling: Record<string, readonly string[]> = {
  "no :path": requestFields.filter((_, i) => i !== 4 && i !== 5),
  "two :path": [":path", "/admin", ...requestFields],
  "unknown pseudo-header": [":proto", "x", ...requestFields],
  ":status in a request": [":status", "200", ...requestFields],
  "pseudo-header after a field": [...requestFields, ":authority", "other"],
  "upper case name": [...requestFields, "X-Evil", "1"],
  "space in a name": [...requestFields, "x evil", "1"],
  "line feed in a value": [...requestFields, "x-a", "1\r\ntransfer-encoding: chunked"],
  "NUL in a value": [...requestFields, "x-a", "1\0"],
  "space around a value": [...requestFields, "x-a", " 1"],
  "transfer-encoding": [...requestFields, "transfer-encoding", "chunked"],
  connection: [...requestFields, "connection", "close"],
  "te: gzip": requestFields.map((text) => (text === "trailers" ? "gzip" : text)),
  "host that differs": [...requestFields, "host", "other"],
  "two content-lengths": [...requestFields, "content-length", "1", "content-length", "2"],
  "signed content-length": [...requestFields, "content-length", "+1"],
  "space in :path": requestFields.map((text) => (text.startsWith("/") ? "/a HTTP/1.1" : text)),
  "absolute :path": requestFields.map((text) => (text.startsWith("/") ? "http://other/" : text)),
  "user in :authority": requestFields.map((text) => (text === "shop" ? "evil@shop" : text)),
  "space in :method": requestFields.map((text) => (text === "POST" ? "GET /admin" : text)),
};

for (const [name, fields] of Object.entries(smuggling)) {
  test(`request smuggling is refused: ${name}`, () => {
    const lab = server().feed(headers(1, fields));
    assert.deepEqual(lab.of("headers"), []);
    const [refusal] = lab.sentOf(wire.RST_STREAM);
    assert.equal(refusal?.payload.readUInt32BE(0), ErrorCode.PROTOCOL_ERROR);
    assert.equal(lab.counters.malformedMessages, 1);
    assert.equal(lab.connection.state, "open");
  });
}

test("content that differs from content-length is malformed, whichever way", () => {
  const request = headers(1, [...requestFields, "content-length", "3"]);
  const refused = (lab: Lab): void => {
    assert.deepEqual(
      lab.of("reset").map((event) => event.code),
      [ErrorCode.PROTOCOL_ERROR],
    );
  };
  refused(server().feed(request, data(1, "four")));
  refused(server().feed(request, data(1, "tw", true)));
  refused(server().feed(request, data(1, "tw"), headers(1, ["x-a", "1"], true)));
  assert.deepEqual(
    server()
      .feed(request, data(1, "abc", true))
      .of("reset"),
    [],
  );
});

test("an oversized header list is answered 431 and never reaches the application", () => {
  const lab = server({ maxHeaderListSize: 1000 }).feed(
    headers(1, [...requestFields, "x-big", "b".repeat(900)]),
    headers(3, requestFields),
  );
  assert.equal(lab.of("headers").length, 1);
  assert.equal(lab.of("headers")[0]?.stream.id, 3);
  assert.equal(fieldsOf(lab.sent()[0]).status, 431);
  assert.equal(lab.counters.oversizedHeaderLists, 1);
});

test("late RST_STREAM and WINDOW_UPDATE on a finished stream are tolerated and counted", () => {
  const lab = server().feed(headers(1, requestFields, true));
  lab.connection.sendHeaders(lab.of("headers")[0]?.stream as never, ok, undefined, true);
  lab.sent();
  lab.feed(
    frame(wire.WINDOW_UPDATE, 0, 1, Buffer.from([0, 0, 0, 9])),
    frame(wire.RST_STREAM, 0, 1, Buffer.from([0, 0, 0, 8])),
  );
  assert.equal(lab.connection.state, "open");
  assert.deepEqual(lab.sent(), []);
  assert.equal(lab.counters.lateFrames, 2);
});

test("header blocks above the frame size are cut into CONTINUATION frames", () => {
  const lab = server().feed(headers(1, requestFields, true));
  const big = ["x-big", "b".repeat(40_000)];
  lab.connection.sendHeaders(lab.of("headers")[0]?.stream as never, ok, big, true);
  const frames = lab.sent();
  assert.deepEqual(
    frames.map((each) => each.type),
    [wire.HEADERS, wire.CONTINUATION, wire.CONTINUATION],
  );
  assert.deepEqual(
    frames.map((each) => each.flags & wire.FLAG_END_HEADERS),
    [0, 0, wire.FLAG_END_HEADERS],
  );
  const whole = { ...(frames[0] as Frame), payload: Buffer.concat(frames.map((each) => each.payload)) };
  assert.equal(fieldsOf(whole).get("x-big")?.length, 40_000);
});

test("headers that must not leave this process are thrown back at the caller", () => {
  assert.throws(() => new HeaderTemplate(["X-A", "1"]), TypeError);
  assert.throws(() => new HeaderTemplate(["x-a", "1\n2"]), TypeError);
  assert.throws(() => new HeaderTemplate(["connection", "close"]), TypeError);
  const lab = server().feed(headers(1, requestFields, true));
  assert.throws(() => lab.connection.sendHeaders(lab.of("headers")[0]?.stream as never, ok, ["x-a", "1\r"]), TypeError);
});

test("nothing the engine keeps aliases the input: headers, memo and half frames survive its reuse", () => {
  const lab = server();
  const reused = Buffer.alloc(4096);
  const feed = (octets: Buffer): void => {
    octets.copy(reused);
    lab.feed(reused.subarray(0, octets.length));
    reused.fill(0xff);
  };
  for (const id of [1, 3, 5]) feed(headers(id, requestFields));
  const half = data(5, "hello");
  feed(half.subarray(0, 11));
  feed(half.subarray(11));
  assert.equal(lab.counters.memoHits, 1);
  for (const { list } of lab.of("headers")) {
    assert.equal(list.path, "/shop.v1.Order/Create");
    assert.deepEqual(list.fields, ["te", "trailers"]);
  }
  assert.equal(lab.of("data")[0]?.content.toString(), "hello");
});

test("data is delivered as a view of the read, not a copy", () => {
  const read = Buffer.concat([headers(1, requestFields), data(1, "hello")]);
  let seen: Buffer | undefined;
  const lab = server({ on: { onData: (_stream, chunk) => (seen = chunk) } });
  lab.connection.receive(read, 0, 0);
  assert.equal(seen, read);
});
