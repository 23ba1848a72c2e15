import assert from "node:assert/strict";
import { test } from "node:test";
import { HeaderTemplate } from "../hpack/header-template.js";
import { data, goaway, headers, requestFields, reset, settings } from "../testing/frames.fixture.js";
import { client, converse, Lab as Fresh, type Lab, server } from "../testing/lab.fixture.js";
import { ErrorCode } from "../wire/error-code.js";
import * as wire from "../wire/frame.js";
import type { ConnectionState } from "./state.js";
import type { Stream } from "./stream.js";

const post = new HeaderTemplate(requestFields);
const ok = new HeaderTemplate([":status", "200"]);
const done = new HeaderTemplate(["grpc-status", "0"]);

const open = (lab: Lab, end = true): Stream => lab.connection.open(post, undefined, end) as Stream;
const resets = (lab: Lab): [number, number, boolean][] =>
  lab.of("reset").map((event) => [event.stream.id, event.code, event.unprocessed]);

test("client and server understand each other: many calls with constant and per-call headers", () => {
  const from = client();
  const to: Lab = server({
    on: {
      onHeaders: (stream, list) => to.connection.sendHeaders(stream, ok, ["x-path", list.path]),
      onData(stream, chunk, start, end, endStream) {
        to.connection.sendData(stream, Buffer.from(chunk.subarray(start, end)));
        if (endStream) to.connection.sendHeaders(stream, done, undefined, true);
      },
    },
  });
  for (let i = 0; i < 200; i++) {
    const stream = from.connection.open(post, ["grpc-timeout", `${i}m`, "traceparent", `00-${i}-ff`]) as Stream;
    from.connection.sendData(stream, Buffer.from(`message ${i}`), true);
    if (i % 50 === 49) converse(from, to);
  }
  assert.equal(from.of("headers").length, 200);
  assert.deepEqual(
    from.of("data").map((event) => event.content.toString()),
    Array.from({ length: 200 }, (_, i) => `message ${i}`),
  );
  assert.equal(to.of("headers")[42]?.list.get("grpc-timeout"), "42m");
  assert.equal(from.of("trailers").length, 200);
  assert.equal(from.connection.streamCount + to.connection.streamCount, 0);
});

test("REFUSED_STREAM is unprocessed, CANCEL is not, and neither is a refusal after the response", () => {
  const lab = client();
  for (let i = 0; i < 3; i++) open(lab);
  lab.feed(reset(1, ErrorCode.REFUSED_STREAM), reset(3, ErrorCode.CANCEL));
  lab.feed(headers(5, [":status", "200"]), reset(5, ErrorCode.REFUSED_STREAM));
  assert.deepEqual(resets(lab), [
    [1, ErrorCode.REFUSED_STREAM, true],
    [3, ErrorCode.CANCEL, false],
    [5, ErrorCode.REFUSED_STREAM, false],
  ]);
});

test("GOAWAY: streams above the last id are unprocessed, those below finish, then the connection closes", () => {
  const lab = client();
  for (let i = 0; i < 3; i++) open(lab);
  lab.feed(goaway(3, ErrorCode.NO_ERROR, "bye"));
  assert.deepEqual(resets(lab), [[5, ErrorCode.REFUSED_STREAM, true]]);
  assert.equal(lab.connection.capacity, 0);
  assert.deepEqual(
    lab.of("goaway").map((event) => [event.code, event.last, event.text]),
    [[ErrorCode.NO_ERROR, 3, "bye"]],
  );
  lab.feed(headers(1, [":status", "200"], true), headers(3, [":status", "200"], true));
  assert.equal(lab.connection.state, "closed");
  assert.equal(lab.of("headers").length, 2);
});

test("GOAWAY in two steps: the second names the streams that were not processed", () => {
  const lab = client();
  for (let i = 0; i < 2; i++) open(lab);
  lab.feed(goaway(wire.MAX_STREAM_ID, ErrorCode.NO_ERROR));
  assert.deepEqual(resets(lab), []);
  lab.feed(goaway(1, ErrorCode.NO_ERROR));
  assert.deepEqual(resets(lab), [[3, ErrorCode.REFUSED_STREAM, true]]);
});

test("GOAWAY: a last id that rises takes nothing back", () => {
  const lab = client();
  open(lab);
  open(lab, false);
  lab.feed(goaway(1, ErrorCode.NO_ERROR), goaway(3, ErrorCode.NO_ERROR));
  lab.connection.transportClosed("gone");
  assert.deepEqual(resets(lab), [
    [3, ErrorCode.REFUSED_STREAM, true],
    [1, ErrorCode.CONNECT_ERROR, false],
  ]);
});

test("an answer before the request has ended: the client keeps the result and learns to stop sending", () => {
  const lab = client();
  const stream = open(lab, false);
  lab.connection.sendData(stream, Buffer.from("still talking"));
  lab.feed(headers(1, [":status", "200", "grpc-status", "5"], true), reset(1, ErrorCode.NO_ERROR));
  assert.deepEqual(
    lab.events.map((event) => event.type),
    ["headers", "reset"],
  );
  assert.deepEqual(resets(lab), [[1, ErrorCode.NO_ERROR, false]]);
  assert.equal(lab.connection.sendData(stream, Buffer.from("more")), false);
});

test("the peer's MAX_CONCURRENT_STREAMS limits capacity, and onCapacity tells when there is room again", () => {
  const lab = client({}, [3, 2]);
  assert.equal(lab.connection.capacity, 2);
  open(lab);
  open(lab);
  assert.equal(lab.connection.open(post), undefined);
  assert.deepEqual(lab.of("capacity"), []);
  lab.feed(headers(1, [":status", "200"], true));
  assert.equal(lab.of("capacity").length, 1);
  assert.ok(open(lab));
  lab.feed(settings([3, 5]));
  assert.equal(lab.connection.capacity, 3);
});

test("before the server's SETTINGS a client may open streams already", () => {
  const lab = new Fresh("client");
  assert.equal(lab.connection.capacity, 100);
  assert.ok(lab.connection.open(post));
});

test("stream identifiers end: the connection asks for rotation first and then has no capacity", () => {
  const lab = client();
  assert.equal(lab.connection.mustRotate, false);
  const { c } = lab.connection as unknown as { c: ConnectionState };
  c.nextId = wire.MAX_STREAM_ID - 2;
  assert.equal(lab.connection.mustRotate, true);
  assert.equal(open(lab).id, wire.MAX_STREAM_ID - 2);
  assert.equal(open(lab).id, wire.MAX_STREAM_ID);
  assert.equal(lab.connection.open(post), undefined);
  assert.equal(lab.connection.state, "open");
});

test("informational responses are dropped, the final one is delivered", () => {
  const lab = client();
  open(lab);
  lab.feed(headers(1, [":status", "100"]), headers(1, [":status", "103"]), headers(1, [":status", "204"], true));
  assert.deepEqual(
    lab.of("headers").map((event) => event.list.status),
    [204],
  );
});

test("wrong responses are reset: no :status, request pseudo-headers, DATA first, wrong content-length", () => {
  const wrong = [
    [headers(1, ["x-a", "1"])],
    [headers(1, [":status", "200", ":path", "/"])],
    [headers(1, [":status", "101"])],
    [headers(1, [":status", "20"])],
    [data(1, "early")],
    [headers(1, [":status", "200", "content-length", "3"]), data(1, "ab", true)],
  ];
  for (const frames of wrong) {
    const lab = client();
    open(lab);
    lab.feed(...frames);
    assert.deepEqual(resets(lab), [[1, ErrorCode.PROTOCOL_ERROR, false]]);
    assert.equal(lab.connection.state, "open");
  }
});

test("a response to HEAD, 204 and 304 may announce content that it does not have", () => {
  const lab = client();
  const fields = requestFields.map((text) => (text === "POST" ? "HEAD" : text));
  lab.connection.open(new HeaderTemplate(fields), undefined, true);
  lab.feed(headers(1, [":status", "200", "content-length", "99"], true));
  open(lab);
  lab.feed(headers(3, [":status", "304", "content-length", "99"], true));
  assert.deepEqual(resets(lab), []);
});

test("streams of the server's side do not exist", () => {
  const lab = client();
  lab.feed(headers(2, [":status", "200"]));
  assert.equal(lab.goawayCode(), ErrorCode.PROTOCOL_ERROR);
});
