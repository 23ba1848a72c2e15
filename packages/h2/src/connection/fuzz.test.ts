import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { ReceiveBudget } from "../flow/receive-budget.js";
import { HpackEncoder } from "../hpack/encoder.js";
import { HeaderTemplate } from "../hpack/header-template.js";
import * as f from "../testing/frames.fixture.js";
import { client, type Lab, type LabSettings, server } from "../testing/lab.fixture.js";
import * as wire from "../wire/frame.js";
import type { ConnectionState } from "./state.js";
import type { Stream } from "./stream.js";

/**
 * Whole conversations, structure-aware: mostly legal frames on few streams, some broken ones, any cut into reads, and
 * an application that answers, consumes, holds, resets and drains at any moment. What must hold is in `check`.
 */
const response = new HeaderTemplate([":status", "200", "content-type", "application/grpc"]);
const request = new HeaderTemplate(f.requestFields);
const done = new HeaderTemplate(["grpc-status", "0"]);

const small = fc.nat(400);
const bytes = fc.uint8Array({ maxLength: 300 }).map((octets) => Buffer.from(octets));

/** What the peer does; streams are named by the order in which they were opened. */
type Step =
  | { readonly peer: "request"; readonly fields: readonly string[]; readonly end: boolean }
  | { readonly peer: "answer"; readonly index: number; readonly fields: readonly string[]; readonly end: boolean }
  | { readonly peer: "on"; readonly index: number; readonly make: (id: number) => Buffer }
  | { readonly peer: "frame"; readonly octets: Buffer }
  | Action;

interface Action {
  readonly app: string;
  readonly index: number;
  readonly size: number;
}

const action: fc.Arbitrary<Action> = fc.record({
  app: fc.constantFrom(
    ...["respond", "respond", "data", "data", "data", "trailers", "consume", "hold", "reset", "drain", "tick", "block"],
    "open",
  ),
  index: fc.nat(5),
  size: fc.oneof(small, fc.constant(4001), fc.constant(40_001)),
});

const requestLists = fc.constantFrom(
  f.requestFields,
  f.requestFields,
  [...f.requestFields, "x-a", "1"],
  [...f.requestFields, "content-length", "300"],
  [...f.requestFields, "connection", "close"],
  [...f.requestFields, "x-big", "b".repeat(3000)],
);
const answerLists = fc.constantFrom([":status", "200"], [":status", "200"], [":status", "100"], ["x-sum", "1"]);

const onStream = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.tuple(bytes, fc.nat(4)).map(
      ([content, end]) =>
        (id: number) =>
          f.data(id, content, end === 0),
    ),
  },
  { weight: 1, arbitrary: fc.nat(15).map((code) => (id: number) => f.reset(id, code)) },
  { weight: 3, arbitrary: fc.nat(3000).map((size) => (id: number) => f.windowUpdate(id, size)) },
  {
    weight: 1,
    arbitrary: bytes.map((pad) => (id: number) => {
      const padded = Buffer.concat([Buffer.from([pad.length & 255]), Buffer.from("x"), Buffer.alloc(pad.length & 255)]);
      return f.frame(wire.DATA, wire.FLAG_PADDED, id, padded);
    }),
  },
);

const onConnection = fc.oneof(
  fc.nat(5000).map((size) => f.windowUpdate(0, size + 1)),
  fc.nat(3000).map((size) => f.settings([4, size])),
  fc.nat(3000).map((size) => f.settings([1, size])),
  fc.boolean().map((ack) => f.ping("12345678", ack)),
);

const broken = fc.oneof(
  fc
    .tuple(fc.nat(12), fc.nat(255), fc.nat(9), bytes)
    .map(([type, flags, at, payload]) => f.frame(type, flags, at, payload)),
  fc.nat(9).map((at) => f.windowUpdate(at, wire.MAX_WINDOW)),
  fc.tuple(fc.nat(9), fc.nat(3)).map(([last, code]) => f.goaway(last, code)),
);

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 20,
    arbitrary: fc.record({ peer: fc.constant("request" as const), fields: requestLists, end: fc.boolean() }),
  },
  {
    weight: 20,
    arbitrary: fc.record({
      peer: fc.constant("answer" as const),
      index: fc.nat(5),
      fields: answerLists,
      end: fc.boolean(),
    }),
  },
  { weight: 40, arbitrary: fc.record({ peer: fc.constant("on" as const), index: fc.nat(5), make: onStream }) },
  { weight: 10, arbitrary: onConnection.map((octets): Step => ({ peer: "frame", octets })) },
  { weight: 1, arbitrary: broken.map((octets): Step => ({ peer: "frame", octets })) },
  { weight: 70, arbitrary: action },
);

function act(lab: Lab, what: string, stream: Stream | undefined, size: number): void {
  const { connection } = lab;
  if (what === "drain" && size < 40) connection.drain();
  else if (what === "tick") lab.advance(size * 10);
  else if (what === "block") size % 2 === 0 ? connection.blocked(lab.now) : connection.drained(lab.now);
  else if (what === "open" && connection.role === "client")
    connection.open(request, ["x-n", String(size)], size % 2 === 0);
  if (stream === undefined) return;
  if (what === "respond" && !stream.headersSent) connection.sendHeaders(stream, response);
  else if (what === "data" && stream.headersSent) connection.sendData(stream, Buffer.alloc(size), size % 5 === 0);
  else if (what === "trailers" && stream.headersSent) connection.sendHeaders(stream, done, undefined, true);
  else if (what === "consume") connection.consume(stream, size);
  else if (what === "hold") connection.hold(stream, Math.min(size, stream.unconsumed));
  else if (what === "reset" && size < 100) connection.reset(stream, 8);
}

/** What the peer may rely on and what must never be lost. */
function check(lab: Lab, sent: { connection: number }): void {
  const { c } = lab.connection as unknown as { c: ConnectionState };
  for (const each of lab.sent()) if (each.type === wire.DATA) sent.connection += each.payload.length;
  if (lab.connection.state === "closed") return;
  let queued = 0;
  let unconsumed = 0;
  let charged = 0;
  for (const stream of c.streams.values()) {
    queued += stream.queuedBytes;
    unconsumed += stream.unconsumed;
    charged += stream.charged + stream.held;
    assert.ok(stream.receiveWindow >= 0);
    assert.equal(stream.receiveWindow + stream.credit + stream.unconsumed, c.options.streamWindow, "stream window");
    let held = 0;
    for (let chunk = stream.queue; chunk !== undefined; chunk = chunk.next) held += chunk.bytes.length - chunk.at;
    assert.equal(stream.queuedBytes, held, "queue");
    if (stream.queuedBytes > 0 && stream.sendWindow > 0) assert.ok(stream.inRing, "a stream that could send waits");
  }
  assert.equal(c.queuedBytes, queued);
  assert.equal(c.budget.used, charged);
  assert.equal(c.receiveWindow + c.credit + unconsumed, c.options.connectionWindow, "connection window");
  assert.ok(c.sendWindow >= 0 && c.sendWindow <= wire.MAX_WINDOW);
}

function converse(lab: Lab, steps: readonly Step[], cut: number, budget: ReceiveBudget): void {
  const encoder = new HpackEncoder();
  const sent = { connection: 0 };
  let opened = 0;
  for (const each of steps) {
    if ("app" in each) {
      act(lab, each.app, streamsOf(lab)[each.index % Math.max(1, streamsOf(lab).length)], each.size);
    } else {
      if (each.peer === "request") opened++;
      const octets = octetsOf(each, encoder, lab.connection.role === "server" ? opened : 3);
      for (let at = 0; at < octets.length; at += cut) lab.feed(octets.subarray(at, at + cut));
    }
    check(lab, sent);
  }
  lab.connection.transportClosed("end of the conversation");
  assert.equal(lab.connection.streamCount, 0);
  assert.equal(budget.used, 0, "everything held is freed");
  assert.equal(lab.of("close").length, 1);
  assertOrder(lab);
}

function streamsOf(lab: Lab): Stream[] {
  const { c } = lab.connection as unknown as { c: ConnectionState };
  const streams = [...c.streams.values()];
  return streams.length > 0 ? streams : lab.of("headers").map((event) => event.stream);
}

function octetsOf(each: Exclude<Step, Action>, encoder: HpackEncoder, opened: number): Buffer {
  if (each.peer === "frame") return each.octets;
  const id = each.peer === "request" ? 2 * opened - 1 : 1 + 2 * (each.index % Math.max(1, opened));
  if (each.peer === "on") return each.make(id);
  const end = wire.FLAG_END_HEADERS | (each.end ? wire.FLAG_END_STREAM : 0);
  return f.frame(wire.HEADERS, end, id, f.block(encoder, each.fields));
}

/** The application acts inside events too, on the stream of the event. */
function reentrant(lab: () => Lab, actions: readonly Action[]): NonNullable<LabSettings["on"]> {
  let count = 0;
  const maybe = (stream: Stream): void => {
    const each = actions[count++];
    if (each !== undefined) act(lab(), each.app, stream, each.size);
  };
  return { onHeaders: maybe, onData: maybe, onTrailers: maybe, onReset: maybe, onWritable: maybe };
}

/** Events of one stream: headers, data, at most one end, at most one reset, and nothing after a reset. */
function assertOrder(lab: Lab): void {
  const over = new Set<Stream>();
  const finished = new Set<Stream>();
  for (const event of lab.events) {
    if (!("stream" in event)) continue;
    const { stream } = event;
    assert.ok(!over.has(stream), `${event.type} after reset`);
    if (event.type === "reset") over.add(stream);
    else if (event.type !== "writable") {
      assert.ok(!finished.has(stream), `${event.type} after the end`);
      if (event.type === "trailers" || event.end) finished.add(stream);
    }
  }
}

const cuts = fc.constantFrom(1, 7, 100_000);
const conversation = fc.tuple(
  fc.array(step, { minLength: 5, maxLength: 80 }),
  fc.array(action, { maxLength: 40 }),
  cuts,
  fc.boolean(),
);

test("any conversation with a server keeps its invariants", () => {
  fc.assert(
    fc.property(conversation, ([steps, inside, cut, consume]) => {
      const budget = new ReceiveBudget(1500);
      const limits = { maxHeaderListSize: 2000, maxConcurrentStreams: 4, streamWindow: 2000, connectionWindow: 70_000 };
      const lab: Lab = server({ consume, budget, ...limits, on: reentrant(() => lab, inside) }, [4, 1000]);
      converse(lab, steps, cut, budget);
    }),
    { numRuns: 1200 },
  );
});

test("any conversation with a client keeps its invariants", () => {
  fc.assert(
    fc.property(conversation, ([steps, inside, cut, consume]) => {
      const budget = new ReceiveBudget(1500);
      const limits = { streamWindow: 2000, connectionWindow: 70_000 };
      const lab: Lab = client({ consume, budget, ...limits, on: reentrant(() => lab, inside) }, [4, 1000]);
      for (let i = 0; i < 3; i++) lab.connection.open(request, undefined, i === 0);
      converse(lab, steps, cut, budget);
    }),
    { numRuns: 800 },
  );
});

test("any octets at all after the preface: an answer or a close, never an exception", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 500 }), (octets) => {
      const lab = server();
      lab.feed(octets);
      lab.sent();
      lab.connection.transportClosed("");
    }),
    { numRuns: 1000 },
  );
});
