import assert from "node:assert/strict";
import { test } from "node:test";
import { HeaderTemplate } from "../hpack/header-template.js";
import { data, frame, goaway, headers, requestFields, settings } from "../testing/frames.fixture.js";
import { client, Lab, server } from "../testing/lab.fixture.js";
import { ErrorCode } from "../wire/error-code.js";
import * as wire from "../wire/frame.js";
import { DRAIN_PING, KEEPALIVE_PING } from "./control-frames.js";
import type { Stream } from "./stream.js";

const ok = new HeaderTemplate([":status", "200"]);
const pong = frame(wire.PING, wire.FLAG_ACK, 0, DRAIN_PING);

test("drain says GOAWAY twice, serves streams racing the first, and closes after the last", () => {
  const lab = server().feed(headers(1, requestFields, true));
  lab.connection.drain();
  const first = lab.sent();
  assert.deepEqual(
    first.map((each) => each.type),
    [wire.GOAWAY, wire.PING],
  );
  assert.equal(first[0]?.payload.readUInt32BE(0), wire.MAX_STREAM_ID);
  lab.feed(headers(3, requestFields, true));
  assert.equal(lab.of("headers").length, 2, "a stream racing the first GOAWAY is served");
  lab.feed(pong);
  const second = lab.sentOf(wire.GOAWAY);
  assert.equal(second[0]?.payload.readUInt32BE(0), 3);
  lab.feed(headers(5, requestFields, true));
  assert.equal(lab.of("headers").length, 2, "a stream after the second is not");
  for (const { stream } of lab.of("headers")) {
    assert.equal(lab.connection.state, "draining");
    lab.connection.sendHeaders(stream, ok, undefined, true);
  }
  assert.equal(lab.connection.state, "closed");
  assert.deepEqual(
    lab.of("close").map((event) => event.code),
    [ErrorCode.NO_ERROR],
  );
  assert.equal(lab.output.ended, true);
});

test("a drain without streams closes as soon as nothing can be racing", () => {
  const lab = server();
  lab.connection.drain();
  assert.equal(lab.connection.state, "draining");
  lab.feed(pong);
  assert.equal(lab.connection.state, "closed");
});

test("a drain does not wait for ever, neither for its PING nor for its streams", () => {
  const lab = server({ drainTimeout: 30_000 }).feed(headers(1, requestFields, true));
  lab.connection.drain();
  lab.sent();
  lab.advance(5000);
  assert.equal(lab.sentOf(wire.GOAWAY)[0]?.payload.readUInt32BE(0), 1);
  lab.advance(25_000);
  assert.equal(lab.connection.state, "closed");
  assert.equal(lab.counters.drainsForced, 1);
  assert.equal(lab.of("reset").length, 1);
});

test("a drain takes a limit of its own, and a later one counts from then on", () => {
  const lab = server({ drainTimeout: 30_000 }).feed(headers(1, requestFields, true));
  lab.connection.drain(0);
  lab.advance(3_600_000);
  assert.equal(lab.connection.state, "draining");
  lab.connection.drain(2000);
  lab.advance(1999);
  assert.equal(lab.connection.state, "draining");
  lab.advance(1);
  assert.equal(lab.connection.state, "closed");
});

test("the last id of our GOAWAY never rises, also when an error follows the drain", () => {
  const lab = server().feed(headers(1, requestFields, true));
  lab.connection.drain();
  lab.feed(pong, headers(3, requestFields, true), headers(5, requestFields, true), data(9, "x"), data(0, "x"));
  const last = lab.sentOf(wire.GOAWAY).map((each) => each.payload.readUInt32BE(0));
  assert.deepEqual(last, [wire.MAX_STREAM_ID, 1, 1]);
});

test("a client leaves politely: no new streams, the open ones finish", () => {
  const lab = client();
  const stream = lab.connection.open(new HeaderTemplate(requestFields), undefined, true) as Stream;
  lab.connection.drain();
  assert.equal(lab.connection.open(new HeaderTemplate(requestFields)), undefined);
  assert.equal(lab.connection.state, "draining");
  lab.feed(headers(1, [":status", "200"], true));
  assert.equal(stream.closed, true);
  assert.equal(lab.connection.state, "closed");
});

test("a lost transport resets every stream once, and close is the last event", () => {
  const lab = server().feed(headers(1, requestFields), headers(3, requestFields));
  lab.connection.transportClosed("ECONNRESET");
  lab.connection.transportClosed("again");
  assert.deepEqual(
    lab.events.map((event) => event.type),
    ["headers", "headers", "reset", "reset", "close"],
  );
  assert.equal(lab.connection.streamCount, 0);
});

test("idle and old connections are drained", () => {
  const idle = server({ idleTimeout: 60_000 });
  idle.advance(30_000).feed(headers(1, requestFields, true));
  idle.advance(60_000);
  assert.equal(idle.connection.state, "open", "a stream is open");
  idle.connection.sendHeaders(idle.of("headers")[0]?.stream as Stream, ok, undefined, true);
  idle.advance(59_000);
  assert.equal(idle.connection.state, "open");
  idle.advance(1000);
  assert.equal(idle.connection.state, "draining");
  assert.equal(idle.counters.idleClosed, 1);
  const old = server({ maxAge: 60_000 }).feed(headers(1, requestFields));
  old.advance(60_000);
  assert.equal(old.connection.state, "draining");
  assert.equal(old.counters.agedClosed, 1);
});

test("keepalive: a silent peer is pinged, and closed when it stays silent", () => {
  const lab = client({ keepaliveInterval: 10_000, keepaliveTimeout: 5000, keepaliveWithoutStreams: true });
  lab.advance(10_000);
  assert.deepEqual(lab.sentOf(wire.PING)[0]?.payload, KEEPALIVE_PING);
  lab.advance(1000).feed(frame(wire.PING, wire.FLAG_ACK, 0, KEEPALIVE_PING));
  lab.advance(9000);
  assert.equal(lab.connection.state, "open");
  lab.advance(1000);
  assert.equal(lab.sentOf(wire.PING).length, 1);
  lab.advance(5000);
  assert.equal(lab.connection.state, "closed");
  assert.equal(lab.counters.keepaliveTimeouts, 1);
});

test("keepalive rests while no stream is open, unless told otherwise", () => {
  const lab = client({ keepaliveInterval: 10_000 });
  lab.advance(100_000);
  assert.deepEqual(lab.sent(), []);
});

test("a peer that says nothing, or does not acknowledge SETTINGS, is closed", () => {
  const silent = new Lab("server").advance(10_000);
  assert.equal(silent.connection.state, "closed");
  assert.equal(silent.counters.handshakeTimeouts, 1);
  const deaf = new Lab("server").feed(wire.CLIENT_PREFACE, settings());
  deaf.advance(10_000);
  assert.equal(deaf.goawayCode(), ErrorCode.SETTINGS_TIMEOUT);
  assert.equal(deaf.counters.settingsTimeouts, 1);
});

test("a header block that is not finished in time ends the connection", () => {
  const lab = server().feed(frame(wire.HEADERS, 0, 1));
  lab.advance(10_000);
  assert.equal(lab.goawayCode(), ErrorCode.ENHANCE_YOUR_CALM);
});

test("after the peer's GOAWAY open streams have all the time they need, until we drain too", () => {
  const lab = client({ drainTimeout: 30_000 });
  lab.connection.open(new HeaderTemplate(requestFields), undefined, true);
  lab.feed(goaway(1, ErrorCode.NO_ERROR)).advance(3_600_000);
  assert.equal(lab.connection.state, "draining");
  lab.connection.drain();
  lab.advance(30_000);
  assert.equal(lab.connection.state, "closed");
  assert.equal(lab.counters.drainsForced, 1);
});
