import assert from "node:assert/strict";
import { test } from "node:test";
import { HeaderTemplate } from "../hpack/header-template.js";
import type { Counters } from "../limits/counters.js";
import {
  data,
  frame,
  headers,
  literalBlock,
  ping,
  requestFields,
  reset,
  settings,
  windowUpdate,
} from "../testing/frames.fixture.js";
import { client, type Lab, type LabSettings, server } from "../testing/lab.fixture.js";
import { ErrorCode } from "../wire/error-code.js";
import * as wire from "../wire/frame.js";
import type { Stream } from "./stream.js";

const ok = new HeaderTemplate([":status", "200"]);

/**
 * Feeds `attack(i)` until the connection is closed. Shows that it ends, within how many rounds, that what waits for
 * the peer stays small meanwhile, and which counter an operator sees.
 */
function repel(counter: keyof Counters, atMost: number, attack: (i: number) => Buffer[], given: LabSettings = {}): Lab {
  const lab = server(given);
  let rounds = 0;
  let pending = 0;
  while (lab.connection.state !== "closed" && rounds <= atMost) {
    lab.feed(...attack(rounds++));
    pending = Math.max(pending, lab.output.pending);
    lab.octets();
  }
  assert.equal(lab.connection.state, "closed", `still open after ${rounds} rounds`);
  assert.equal(lab.of("close").at(-1)?.code, ErrorCode.ENHANCE_YOUR_CALM);
  assert.equal(lab.counters[counter], 1);
  assert.ok(pending < 65_536, `pending ${pending}`);
  assert.equal(lab.connection.streamCount, 0);
  return lab;
}

const id = (i: number): number => 1 + 2 * i;

test("rapid reset: opening and cancelling ends the connection after the burst", () => {
  const lab = repel("rapidResets", 1001, (i) => [headers(id(i), requestFields), reset(id(i), ErrorCode.CANCEL)]);
  assert.ok(lab.counters.streamsOpened <= 1001);
});

test("rapid reset: cancels in proportion to completed calls are honest", () => {
  const lab = server();
  for (let i = 0; i < 5000; i++) {
    lab.feed(headers(id(2 * i), requestFields), reset(id(2 * i), ErrorCode.CANCEL));
    lab.feed(headers(id(2 * i + 1), requestFields, true));
    lab.connection.sendHeaders(lab.of("headers").at(-1)?.stream as Stream, ok, undefined, true);
    lab.octets();
    lab.events.length = 0;
  }
  assert.equal(lab.connection.state, "open");
});

const provocations: Record<string, (id: number) => Buffer[]> = {
  "WINDOW_UPDATE of 0": (at) => [headers(at, requestFields), windowUpdate(at, 0)],
  "window overflow": (at) => [headers(at, requestFields), windowUpdate(at, wire.MAX_WINDOW)],
  "DATA after END_STREAM": (at) => [headers(at, requestFields, true), data(at, "x")],
  "HEADERS after END_STREAM": (at) => [headers(at, requestFields, true), headers(at, ["x-a", "1"], true)],
  "a PRIORITY of wrong length": (at) => [headers(at, requestFields), frame(wire.PRIORITY, 0, at, Buffer.alloc(4))],
  "malformed requests": (at) => [headers(at, [...requestFields, "connection", "close"])],
  "self-dependent PRIORITY": (at) => [
    headers(at, requestFields),
    frame(wire.PRIORITY, 0, at, Buffer.from([0, 0, at >> 8, at & 255, 0])),
  ],
};

for (const [name, attack] of Object.entries(provocations)) {
  test(`MadeYouReset: provoking our resets is charged like resetting: ${name}`, () => {
    repel("madeYouResets", 1001, (i) => attack(id(i)));
  });
}

test("MadeYouReset: streams above MAX_CONCURRENT_STREAMS are charged too", () => {
  repel("madeYouResets", 1002, (i) => [headers(id(i), requestFields)], { maxConcurrentStreams: 1 });
});

test("CONTINUATION flood: frames without end are bounded in number", () => {
  const lab = server().feed(frame(wire.HEADERS, 0, 1, literalBlock(requestFields)));
  for (let i = 0; i < 17; i++) lab.feed(frame(wire.CONTINUATION, 0, 1));
  assert.equal(lab.goawayCode(), ErrorCode.ENHANCE_YOUR_CALM);
  assert.equal(lab.counters.continuationFloods, 1);
});

test("CONTINUATION flood: a block without end is bounded in octets", () => {
  const lab = server({ maxHeaderListSize: 4096 }).feed(frame(wire.HEADERS, 0, 1, literalBlock(requestFields)));
  lab.feed(frame(wire.CONTINUATION, 0, 1, Buffer.alloc(9000)));
  assert.equal(lab.goawayCode(), ErrorCode.ENHANCE_YOUR_CALM);
  assert.equal(lab.counters.continuationFloods, 1);
});

test("HPACK bomb: a block of references to one large entry is decoded without being built", () => {
  const lab = server();
  const big = Buffer.concat([
    Buffer.from([0x40, 1]),
    Buffer.from("b"),
    Buffer.from([0x7f, 0xb1, 0x1e]),
    Buffer.alloc(4016, 97),
  ]);
  lab.feed(frame(wire.HEADERS, 5, 1, Buffer.concat([literalBlock(requestFields), big])));
  assert.equal(lab.of("headers")[0]?.list.get("b")?.length, 4016);
  // 16 000 references would be 64 MB of header list.
  const bomb = Buffer.concat([literalBlock(requestFields), Buffer.alloc(16_000, 0xbe)]);
  for (let i = 1; i < 20; i++) lab.feed(frame(wire.HEADERS, 5, id(i), bomb));
  assert.equal(lab.of("headers").length, 1);
  assert.equal(lab.counters.oversizedHeaderLists, 19);
  assert.equal(lab.connection.state, "open", "each was answered 431");
});

test("PING flood", () => {
  repel("controlFloods", 5001, () => [ping()]);
});

test("SETTINGS flood", () => {
  repel("controlFloods", 501, (i) => [settings([4, 1000 + i])]);
});

test("empty DATA flood, padded or not", () => {
  const open = headers(1, requestFields);
  repel("controlFloods", 5002, (i) => [i === 0 ? open : data(1, "")]);
  repel("controlFloods", 5002, (i) => [i === 0 ? open : frame(wire.DATA, wire.FLAG_PADDED, 1, Buffer.from([1, 0]))]);
});

test("floods of PRIORITY, WINDOW_UPDATE, unknown frames and acknowledgements", () => {
  repel("controlFloods", 5001, () => [frame(wire.PRIORITY, 0, 1, Buffer.from([0, 0, 0, 7, 1]))]);
  repel("controlFloods", 5001, () => [windowUpdate(0, 1)]);
  repel("controlFloods", 5001, () => [frame(0xfa, 0, 0, Buffer.alloc(100))]);
  repel("controlFloods", 5001, () => [ping("12345678", true)]);
  repel("controlFloods", 5001, () => [frame(wire.SETTINGS, wire.FLAG_ACK, 0)]);
});

test("floods of late frames on a stream that we have reset", () => {
  const lab = server().feed(headers(1, requestFields));
  lab.connection.reset(lab.of("headers")[0]?.stream as Stream, ErrorCode.CANCEL);
  for (let i = 0; i < 5001 && lab.connection.state === "open"; i++) lab.feed(data(1, "x"));
  assert.equal(lab.connection.state, "closed");
});

test("a client is protected from floods of 1xx responses", () => {
  const lab = client();
  lab.connection.open(new HeaderTemplate(requestFields));
  const informational = headers(1, [":status", "103"]);
  for (let i = 0; i < 5001 && lab.connection.state === "open"; i++) lab.feed(informational);
  assert.equal(lab.connection.state, "closed");
  assert.equal(lab.counters.informational, 5001);
});

test("honest control frames, in proportion to data or spread over time, are never charged", () => {
  const lab = server();
  lab.feed(headers(1, requestFields));
  for (let i = 0; i < 20_000; i++) {
    lab.feed(data(1, "x"), windowUpdate(0, 1));
    if (i % 1000 === 0) lab.octets();
    lab.events.length = 0;
  }
  for (let i = 0; i < 20_000; i++) {
    lab.now += 3;
    lab.feed(ping());
    if (i % 1000 === 0) lab.octets();
  }
  assert.equal(lab.connection.state, "open");
});

test("answers that the peer does not read are bounded: control frames", () => {
  const lab = server({ controlLimit: { burst: 1e9, perSecond: 0 } });
  lab.connection.blocked(lab.now);
  for (let i = 0; i < 5000 && lab.connection.state === "open"; i++) lab.feed(ping());
  assert.equal(lab.connection.state, "closed");
  assert.equal(lab.counters.controlQueueOverflows, 1);
  assert.ok(lab.output.pending < 70_000);
});

test("answers that the peer does not read are bounded: responses without content", () => {
  const on = { onHeaders: (stream: Stream) => lab.connection.sendHeaders(stream, ok, ["x-a", "a".repeat(1000)], true) };
  const lab: Lab = server({ on });
  lab.connection.blocked(lab.now);
  for (let i = 0; i < 5000 && lab.connection.state === "open"; i++) lab.feed(headers(id(i), requestFields, true));
  assert.equal(lab.connection.state, "closed");
  assert.equal(lab.counters.controlQueueOverflows, 1);
  assert.ok(lab.output.pending < 1_200_000);
});

test("slow read with zero window: a stream without progress is reset and its octets are freed", () => {
  const lab = server({ stallTimeout: 60_000 }, [4, 0]);
  lab.feed(headers(1, requestFields, true), headers(3, requestFields, true));
  const [slow, slower] = lab.of("headers").map((event) => event.stream) as [Stream, Stream];
  for (const stream of [slow, slower]) {
    lab.connection.sendHeaders(stream, ok);
    lab.connection.sendData(stream, Buffer.alloc(500_000), true);
  }
  lab.advance(30_000).feed(windowUpdate(1, 10));
  lab.sent();
  lab.advance(30_000);
  assert.equal(slower.closed, true);
  assert.equal(slow.closed, false);
  lab.advance(30_000);
  assert.equal(slow.closed, true);
  assert.equal(lab.counters.stalledStreams, 2);
  assert.deepEqual(
    lab.of("reset").map((event) => event.code),
    [ErrorCode.ENHANCE_YOUR_CALM, ErrorCode.ENHANCE_YOUR_CALM],
  );
});

test("slow read: a transport that takes nothing is given up", () => {
  const lab = server({ stallTimeout: 60_000 });
  lab.advance(500_000);
  lab.connection.blocked(lab.now);
  lab.advance(59_000);
  assert.equal(lab.connection.state, "open");
  lab.advance(1000);
  assert.equal(lab.connection.state, "closed");
  assert.equal(lab.counters.stalledTransports, 1);
});

test("slow read: what may be queued on one connection is bounded", () => {
  const lab = server({ connectionQueueLimit: 1_000_000 }, [4, 0]);
  for (let i = 0; i < 20; i++) lab.feed(headers(id(i), requestFields, true));
  for (const { stream } of lab.of("headers")) {
    lab.connection.sendHeaders(stream, ok);
    lab.connection.sendData(stream, Buffer.alloc(100_000), true);
  }
  assert.equal(lab.counters.sendQueueOverflows, 10);
  assert.equal(lab.connection.streamCount, 10);
});

test("too many pings for the configured interval: the third strike ends the connection", () => {
  const lab = server({ minPingInterval: 10_000 });
  lab.feed(ping(), ping(), ping());
  assert.equal(lab.connection.state, "open");
  lab.feed(ping());
  assert.deepEqual(
    lab.of("close").map((event) => [event.code, event.text]),
    [[ErrorCode.ENHANCE_YOUR_CALM, "too_many_pings"]],
  );
  assert.equal(lab.counters.pingStrikes, 1);
});

test("pings that follow what we have sent are bandwidth probes, not strikes", () => {
  const lab = server({ minPingInterval: 10_000 }).feed(headers(1, requestFields, true));
  const { stream } = lab.of("headers")[0] as { stream: Stream };
  lab.connection.sendHeaders(stream, ok);
  for (let i = 0; i < 20; i++) {
    lab.connection.sendData(stream, Buffer.alloc(10));
    lab.feed(ping());
  }
  assert.equal(lab.connection.state, "open");
});
