import assert from "node:assert/strict";
import { test } from "node:test";
import { data, frame, headers, ping, requestFields, settings, settingsAck } from "../testing/frames.fixture.js";
import { Lab, server } from "../testing/lab.fixture.js";
import { ErrorCode } from "../wire/error-code.js";
import * as wire from "../wire/frame.js";
import type { Stream } from "./stream.js";

test("a server greets with SETTINGS and a connection window before it has read anything", () => {
  const frames = new Lab("server").sent();
  assert.deepEqual(
    frames.map((each) => each.type),
    [wire.SETTINGS, wire.WINDOW_UPDATE],
  );
  assert.equal(frames[1]?.payload.readUInt32BE(0), 1_048_576 - 65_535);
});

test("a client greets with the preface, and its SETTINGS disable push", () => {
  const octets = new Lab("client").octets();
  assert.ok(octets.subarray(0, 24).equals(wire.CLIENT_PREFACE));
  const payload = octets.subarray(24 + 9);
  assert.deepEqual([payload.readUInt16BE(0), payload.readUInt32BE(2)], [2, 0]);
});

test("anything but the preface ends the connection", () => {
  const lab = new Lab("server").feed(Buffer.from("GET / HTTP/1.1\r\nHost: shop\r\n\r\n"));
  assert.equal(lab.goawayCode(), ErrorCode.PROTOCOL_ERROR);
  assert.equal(lab.connection.state, "closed");
});

test("a wrong preface is refused at its first wrong octet, also when it trickles in", () => {
  const lab = new Lab("server").feed(Buffer.from("PR")).feed(Buffer.from("I "));
  assert.equal(lab.connection.state, "open");
  lab.feed(Buffer.from("X"));
  assert.equal(lab.connection.state, "closed");
});

test("a preface may be cut anywhere", () => {
  for (let at = 1; at <= wire.CLIENT_PREFACE.length; at++) {
    const octets = Buffer.concat([wire.CLIENT_PREFACE, settings(), headers(1, requestFields, true)]);
    const lab = new Lab("server").feed(octets.subarray(0, at)).feed(octets.subarray(at));
    assert.equal(lab.of("headers").length, 1, `cut after ${at} octets`);
  }
});

test("until our SETTINGS are acknowledged, the peer may use the window that holds before them", () => {
  const small = { streamWindow: 1000, consume: false };
  const early = new Lab("server", small).feed(wire.CLIENT_PREFACE, settings(), headers(1, requestFields));
  for (let i = 0; i < 3; i++) early.feed(data(1, Buffer.alloc(16_000)));
  assert.equal(early.of("data").length, 3);
  early.connection.consume(early.of("headers")[0]?.stream as Stream, 48_000);
  assert.equal(
    early.sentOf(wire.WINDOW_UPDATE).at(-1)?.payload.readUInt32BE(0),
    48_000,
    "it is negative, and returned whole",
  );
  early.feed(settingsAck, data(1, Buffer.alloc(1001)));
  assert.equal(early.of("reset")[0]?.code, ErrorCode.FLOW_CONTROL_ERROR);
  const greedy = new Lab("server", small).feed(wire.CLIENT_PREFACE, settings(), headers(1, requestFields));
  for (let i = 0; i < 5; i++) greedy.feed(data(1, Buffer.alloc(15_000)));
  assert.equal(greedy.of("reset")[0]?.code, ErrorCode.FLOW_CONTROL_ERROR);
});

test("an empty end fits a window that is negative", () => {
  const lab = new Lab("server", { streamWindow: 1000, consume: false });
  lab.feed(wire.CLIENT_PREFACE, settings(), headers(1, requestFields), data(1, Buffer.alloc(16_000)));
  lab.feed(settingsAck, data(1, "", true));
  assert.deepEqual(
    lab.of("data").map((event) => event.end),
    [false, true],
  );
});

test("the first frame must be SETTINGS", () => {
  const lab = new Lab("server").feed(wire.CLIENT_PREFACE, ping());
  assert.equal(lab.goawayCode(), ErrorCode.PROTOCOL_ERROR);
});

test("SETTINGS are acknowledged, also when they change nothing", () => {
  const lab = server().feed(settings());
  assert.deepEqual(
    lab.sent().map((each) => [each.type, each.flags]),
    [[wire.SETTINGS, wire.FLAG_ACK]],
  );
});

test("wrong settings end the connection with the code of RFC 9113 section 6.5.2", () => {
  const cases: [number, number, number][] = [
    [2, 2, ErrorCode.PROTOCOL_ERROR],
    [4, 0x8000_0000, ErrorCode.FLOW_CONTROL_ERROR],
    [5, 16_383, ErrorCode.PROTOCOL_ERROR],
    [5, 16_777_216, ErrorCode.PROTOCOL_ERROR],
  ];
  for (const [id, value, code] of cases)
    assert.equal(
      server()
        .feed(settings([id, value]))
        .goawayCode(),
      code,
    );
});

test("a client refuses a server that announces push, and a promise", () => {
  const lab = new Lab("client").feed(settings([2, 1]));
  assert.equal(lab.goawayCode(), ErrorCode.PROTOCOL_ERROR);
  const other = new Lab("client").feed(settings(), frame(wire.PUSH_PROMISE, 4, 1, Buffer.alloc(8)));
  assert.equal(other.goawayCode(), ErrorCode.PROTOCOL_ERROR);
});

test("a conversation cut into single octets is the same conversation", () => {
  const whole = Buffer.concat([
    wire.CLIENT_PREFACE,
    settings([3, 10]),
    settingsAck,
    headers(1, requestFields),
    data(1, "hello"),
    frame(wire.DATA, wire.FLAG_PADDED | wire.FLAG_END_STREAM, 1, Buffer.from([3, 33, 0, 0, 0])),
    ping(),
  ]);
  const lab = new Lab("server");
  for (const octet of whole) lab.feed(Buffer.from([octet]));
  const content = lab.of("data").map((event) => event.content.toString());
  assert.deepEqual(content, ["hello", "!"]);
  assert.equal(lab.of("data").at(-1)?.end, true);
});

test("a frame that announces too much is refused when its header is read, without waiting for it", () => {
  const header = frame(wire.DATA, 0, 1, Buffer.alloc(16_385)).subarray(0, 9);
  assert.equal(server().feed(header).goawayCode(), ErrorCode.FRAME_SIZE_ERROR);
  const lab = server();
  for (const octet of header) lab.feed(Buffer.from([octet]));
  assert.equal(lab.goawayCode(), ErrorCode.FRAME_SIZE_ERROR);
});

test("one large read yields after framesPerTurn frames and loses nothing", () => {
  const lab = server({ framesPerTurn: 10 });
  const input = Buffer.concat(Array.from({ length: 35 }, () => ping()));
  const stops: number[] = [];
  for (let at = 0; at < input.length; ) stops.push((at = lab.connection.receive(input, at, 0)));
  assert.deepEqual(stops, [170, 340, 510, 595]);
  assert.equal(lab.sentOf(wire.PING).length, 35);
});
