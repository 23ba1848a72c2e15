import assert from "node:assert/strict";
import { test } from "node:test";
import { ReceiveBudget } from "../flow/receive-budget.js";
import { HeaderTemplate } from "../hpack/header-template.js";
import {
  data,
  type Frame,
  frame,
  headers,
  parse,
  requestFields,
  reset,
  settings,
  windowUpdate,
} from "../testing/frames.fixture.js";
import { client, converse, type Lab, type LabSettings, server } from "../testing/lab.fixture.js";
import { ErrorCode } from "../wire/error-code.js";
import * as wire from "../wire/frame.js";
import type { Stream } from "./stream.js";

const ok = new HeaderTemplate([":status", "200"]);
const done = new HeaderTemplate(["grpc-status", "0"]);
const post = new HeaderTemplate(requestFields);
const MB = 1_048_576;

function request(lab: Lab, id: number, end = true): Stream {
  lab.feed(headers(id, requestFields, end));
  const { stream } = lab.of("headers").at(-1) as { stream: Stream };
  lab.connection.sendHeaders(stream, ok);
  lab.sent();
  return stream;
}

const sizes = (frames: Frame[]): [number, number][] =>
  frames.filter((each) => each.type === wire.DATA).map((each) => [each.id, each.payload.length]);
const total = (frames: Frame[]): number => sizes(frames).reduce((sum, [, size]) => sum + size, 0);

test("windows return to the peer only as the application consumes", () => {
  const lab = server({ streamWindow: 1000, connectionWindow: 65_535, consume: false });
  const stream = request(lab, 1, false);
  lab.feed(data(1, Buffer.alloc(1000)));
  assert.deepEqual(lab.sent(), []);
  lab.connection.consume(stream, 400);
  assert.deepEqual(lab.sent(), []);
  lab.connection.consume(stream, 600);
  const [update] = lab.sent();
  assert.deepEqual([update?.type, update?.id, update?.payload.readUInt32BE(0)], [wire.WINDOW_UPDATE, 1, 1000]);
  lab.connection.consume(stream, 5000);
  assert.deepEqual(lab.sent(), [], "consuming more than was given returns nothing");
});

test("a peer that sends beyond a window is stopped, per stream and per connection", () => {
  const lab = server({ streamWindow: 1000, consume: false });
  request(lab, 1, false);
  lab.feed(data(1, Buffer.alloc(1001)));
  assert.deepEqual(
    lab.of("reset").map((event) => event.code),
    [ErrorCode.FLOW_CONTROL_ERROR],
  );
  assert.equal(lab.connection.state, "open");
  const other = server({ streamWindow: MB, connectionWindow: 65_535, consume: false });
  request(other, 1, false);
  for (let i = 0; i < 5; i++) other.feed(data(1, Buffer.alloc(16_384)));
  assert.equal(other.goawayCode(), ErrorCode.FLOW_CONTROL_ERROR);
});

test("padding is debited and credited back at once, on open and on reset streams", () => {
  const padded = (id: number): Buffer =>
    frame(wire.DATA, wire.FLAG_PADDED, id, Buffer.concat([Buffer.from([255]), Buffer.from("x"), Buffer.alloc(255)]));
  const lab = server({ connectionWindow: 65_535, streamWindow: 65_535, consume: false });
  request(lab, 1, false);
  for (let i = 0; i < 128; i++) lab.feed(padded(1));
  const credited = lab.sentOf(wire.WINDOW_UPDATE);
  assert.deepEqual(
    credited.map((each) => [each.id, each.payload.readUInt32BE(0)]),
    [
      [1, 128 * 256],
      [0, 128 * 256],
    ],
  );
  lab.connection.reset(lab.of("headers")[0]?.stream as Stream, ErrorCode.CANCEL);
  lab.sent();
  for (let i = 0; i < 2000; i++) lab.feed(padded(1));
  assert.equal(lab.connection.state, "open");
  assert.ok(lab.sentOf(wire.WINDOW_UPDATE).every((each) => each.id === 0));
});

test("unconsumed data of a stream that ends is credited to the connection", () => {
  const lab = server({ connectionWindow: 65_535, streamWindow: 65_535, consume: false });
  request(lab, 1, false);
  lab.feed(data(1, Buffer.alloc(16_384)), data(1, Buffer.alloc(16_384)), data(1, Buffer.alloc(16_384)));
  assert.deepEqual(lab.sent(), []);
  lab.feed(reset(1, ErrorCode.CANCEL));
  assert.deepEqual(
    lab.sent().map((each) => [each.id, each.payload.readUInt32BE(0)]),
    [[0, 3 * 16_384]],
  );
});

test("a smaller INITIAL_WINDOW_SIZE makes windows negative, and they recover", () => {
  const lab = server({}, [4, 100]);
  const stream = request(lab, 1);
  lab.connection.sendData(stream, Buffer.alloc(150));
  assert.equal(total(lab.sent()), 100);
  lab.feed(settings([4, 10]));
  assert.equal(stream.sendWindow, -90);
  lab.feed(windowUpdate(1, 90));
  assert.equal(total(lab.sent()), 0);
  lab.feed(windowUpdate(1, 20));
  assert.equal(total(lab.sent()), 20);
  lab.feed(settings([4, 100]));
  assert.equal(total(lab.sent()), 30);
});

test("window overflow: of a stream resets it, of the connection or by SETTINGS ends the connection", () => {
  const lab = server();
  request(lab, 1);
  lab.feed(windowUpdate(1, wire.MAX_WINDOW));
  assert.deepEqual(
    lab.of("reset").map((event) => event.code),
    [ErrorCode.FLOW_CONTROL_ERROR],
  );
  lab.feed(windowUpdate(0, wire.MAX_WINDOW));
  assert.equal(lab.goawayCode(), ErrorCode.FLOW_CONTROL_ERROR);
  const other = server();
  request(other, 1);
  other.feed(windowUpdate(1, wire.MAX_WINDOW - 65_535), settings([4, 65_536]));
  assert.equal(other.goawayCode(), ErrorCode.FLOW_CONTROL_ERROR);
  assert.equal(other.counters.flowControlErrors, 1);
});

test("streams share the connection fairly: turns of one frame, which fills a TLS record", () => {
  const lab = server({}, [4, MB]);
  const streams = [1, 3, 5].map((id) => request(lab, id));
  lab.feed(windowUpdate(0, MB));
  for (const stream of streams) lab.connection.sendData(stream, Buffer.alloc(4 * wire.LARGEST_SENT_FRAME), true);
  const frames = sizes(lab.sent());
  assert.deepEqual(
    frames.map(([id]) => id),
    [1, 3, 5, 1, 3, 5, 1, 3, 5, 1, 3, 5],
  );
  assert.ok(frames.every(([, size]) => size === wire.LARGEST_SENT_FRAME));
  assert.equal(lab.connection.streamCount, 0);
});

test("the connection's window bounds all streams together", () => {
  const lab = server({}, [4, MB]);
  const streams = [1, 3].map((id) => request(lab, id));
  for (let i = 0; i < 10; i++) for (const stream of streams) lab.connection.sendData(stream, Buffer.alloc(10_000));
  assert.equal(total(lab.sent()), 65_535);
  lab.feed(reset(1, ErrorCode.CANCEL), windowUpdate(0, MB));
  assert.ok(sizes(lab.sent()).every(([id]) => id === 3));
  assert.equal(streams[1]?.queuedBytes, 0);
});

test("trailers wait for the data before them", () => {
  const lab = server({}, [4, 10]);
  const stream = request(lab, 1);
  lab.connection.sendData(stream, Buffer.alloc(25));
  lab.connection.sendHeaders(stream, done, ["x-a", "1"], true);
  assert.deepEqual(
    lab.sent().map((each) => each.type),
    [wire.DATA],
  );
  lab.feed(windowUpdate(1, 100));
  assert.deepEqual(
    lab.sent().map((each) => [each.type, each.flags]),
    [
      [wire.DATA, 0],
      [wire.HEADERS, 5],
    ],
  );
  assert.equal(stream.closed, true);
});

test("sendData answers false above the mark, and onWritable follows when it has drained", () => {
  const lab = server({ streamQueueMark: 1000 });
  const stream = request(lab, 1);
  lab.feed(settings([4, 0]), windowUpdate(1, 1));
  assert.equal(lab.connection.sendData(stream, Buffer.alloc(900)), true);
  assert.equal(lab.connection.sendData(stream, Buffer.alloc(900)), false);
  lab.sent();
  assert.deepEqual(lab.of("writable"), []);
  lab.feed(windowUpdate(1, 70_000));
  lab.sent();
  assert.equal(lab.of("writable").length, 1);
  assert.equal(lab.connection.sendData(stream, Buffer.alloc(9)), true);
});

test("a transport that refuses more stops DATA, not control frames", () => {
  const lab = server();
  const stream = request(lab, 1);
  lab.connection.blocked(lab.now);
  lab.connection.sendData(stream, Buffer.from("waits"));
  lab.feed(frame(wire.PING, 0, 0, Buffer.alloc(8)));
  assert.deepEqual(
    lab.sent().map((each) => each.type),
    [wire.PING],
  );
  lab.connection.drained(lab.now);
  assert.deepEqual(
    lab.sent().map((each) => each.payload.toString()),
    ["waits"],
  );
});

test("data that could not be sent at once may be queued without being copied, the lead is", () => {
  const lab = server({}, [4, 0]);
  const stream = request(lab, 1);
  const lead = Buffer.from("lead:");
  lab.connection.sendData(stream, Buffer.from("body"), true, lead);
  lead.fill(0);
  lab.feed(windowUpdate(1, 100));
  const [sent] = lab.sent();
  assert.equal(sent?.payload.toString(), "lead:body");
  assert.equal(sent?.flags, wire.FLAG_END_STREAM);
});

test("large data is sent from where it is, the lead and small data are copied", () => {
  const lab = server();
  const stream = request(lab, 1);
  const body = Buffer.alloc(40_000, 7);
  lab.connection.sendData(stream, body, false, Buffer.from("lead:"));
  lab.connection.flush();
  const segments = lab.output.take();
  const own = segments.filter(({ view }) => view.buffer === body.buffer && view.length >= 4096);
  assert.ok(own.length >= 2, "it was copied");
  const frames = parse(Buffer.concat(segments.map(({ view }) => view)));
  const content = Buffer.concat(frames.filter(({ type }) => type === wire.DATA).map(({ payload }) => payload));
  assert.ok(content.equals(Buffer.concat([Buffer.from("lead:"), body])));
});

test("a stream that finds the output full waits for the next flush, and is then told to go on", () => {
  const lab = server({}, [4, 8 * MB]);
  lab.feed(windowUpdate(0, 8 * MB));
  const stream = request(lab, 1);
  const message = Buffer.alloc(10_000);
  let sent = 0;
  while (lab.connection.sendData(stream, message)) assert.ok(++sent < 100);
  assert.ok(stream.queuedBytes === message.length, "one message waits, not a queue of them");
  assert.equal(lab.of("writable").length, 0);
  lab.octets();
  lab.octets();
  assert.equal(lab.of("writable").length, 1);
  assert.equal(stream.queuedBytes, 0);
});

test("a stream that lacks a window queues up to the mark", () => {
  const lab = server({ streamQueueMark: 50_000 }, [4, 0]);
  const stream = request(lab, 1);
  for (let i = 0; i < 4; i++) assert.equal(lab.connection.sendData(stream, Buffer.alloc(10_000)), true);
  assert.equal(lab.connection.sendData(stream, Buffer.alloc(10_000)), false);
});

/** A message is assembled with `hold`, as the gRPC layer does it. */
function assembler(lab: () => Lab, refused: { count: number }): NonNullable<LabSettings["on"]> {
  return {
    onData(stream, _chunk, start, end) {
      if (lab().connection.hold(stream, end - start)) return;
      refused.count++;
      lab().connection.reset(stream, ErrorCode.ENHANCE_YOUR_CALM);
    },
  };
}

test("a 16 MB message passes a 1 MB window", () => {
  const refused = { count: 0 };
  const to: Lab = server({ consume: false, on: assembler(() => to, refused) });
  const from = client({}, [4, MB]);
  from.feed(windowUpdate(0, MB - 65_535));
  const stream = from.connection.open(post) as Stream;
  from.connection.sendData(stream, Buffer.alloc(16 * MB), true);
  converse(from, to);
  const received = to.of("data").reduce((sum, event) => sum + event.content.length, 0);
  assert.equal(received, 16 * MB);
  assert.equal(to.of("data").at(-1)?.end, true);
  assert.equal(refused.count, 0);
});

test("a thousand large messages at once stay inside the receive budgets, and some succeed", () => {
  const budget = new ReceiveBudget(3 * MB);
  const refused = { count: 0 };
  const to: Lab = server({ consume: false, budget, connectionBudget: 2 * MB, on: assembler(() => to, refused) });
  let most = 0;
  const frames = 20;
  for (let i = 0; i < 1000; i++) to.feed(headers(1 + 2 * i, requestFields));
  for (let round = 0; round < frames; round++) {
    for (const { stream } of to.of("headers")) {
      if (!stream.closed) to.feed(data(stream.id, Buffer.alloc(16_384), round === frames - 1));
      most = Math.max(most, budget.used);
    }
    to.sent();
    to.events.splice(1000);
  }
  const finished = to.of("headers").filter(({ stream }) => !stream.closed);
  assert.ok(most <= 2 * MB, String(most));
  assert.ok(finished.length > 0);
  assert.equal(refused.count, 1000 - finished.length);
  assert.equal(to.counters.receiveBudgetRefusals, refused.count);
  for (const { stream } of finished) to.connection.sendHeaders(stream, ok, undefined, true);
  assert.equal(budget.used, 0, "everything is given back");
});

test("an application that does not consume is charged, and everything is freed with the connection", () => {
  const budget = new ReceiveBudget(10 * MB);
  const lab = server({ consume: false, budget });
  request(lab, 1, false);
  request(lab, 3, false);
  lab.feed(data(1, Buffer.alloc(16_000)), data(3, Buffer.alloc(16_000)), data(1, Buffer.alloc(16_000)));
  assert.equal(budget.used, 48_000);
  lab.connection.consume(lab.of("headers")[0]?.stream as Stream, 20_000);
  assert.equal(budget.used, 28_000);
  assert.equal(lab.connection.hold(lab.of("headers")[0]?.stream as Stream, 12_000), true);
  assert.equal(budget.used, 28_000, "held octets are not counted twice");
  lab.connection.release(lab.of("headers")[0]?.stream as Stream, 12_000);
  assert.equal(budget.used, 16_000);
  lab.connection.transportClosed("gone");
  assert.equal(budget.used, 0);
});
