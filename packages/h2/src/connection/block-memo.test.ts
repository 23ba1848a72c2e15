import assert from "node:assert/strict";
import { test } from "node:test";
import { MEMO_MAX_BLOCK, MEMO_SLOTS } from "../hpack/block-memo.js";
import { HpackEncoder } from "../hpack/encoder.js";
import { block, frame, headers, literalBlock, requestFields } from "../testing/frames.fixture.js";
import { server } from "../testing/lab.fixture.js";
import * as wire from "../wire/frame.js";

const END = wire.FLAG_END_HEADERS | wire.FLAG_END_STREAM;

test("the third block with the same octets is the same list, not decoded again", () => {
  const lab = server();
  for (const id of [1, 3, 5, 7]) lab.feed(headers(id, requestFields, true));
  const lists = lab.of("headers").map((event) => event.list);
  assert.equal(lab.counters.memoHits, 2);
  assert.equal(lists[2], lists[1]);
  assert.equal(lists[3], lists[1]);
});

test("the memo is keyed by the table's epoch: the same octets after an insertion mean something else", () => {
  const lab = server();
  const first = new HpackEncoder();
  const base = literalBlock(requestFields);
  const insert = (value: string): Buffer =>
    Buffer.concat([base, Buffer.from([0x40, 3]), Buffer.from("x-a"), Buffer.from([value.length]), Buffer.from(value)]);
  const byIndex = Buffer.concat([base, Buffer.from([0xbe])]);
  let id = 1;
  const ask = (octets: Buffer): readonly string[] => {
    lab.feed(frame(wire.HEADERS, END, id, octets));
    id += 2;
    return lab.of("headers").at(-1)?.list.fields.slice(-2) ?? [];
  };
  ask(insert("old"));
  for (let i = 0; i < 4; i++) assert.deepEqual(ask(byIndex), ["x-a", "old"]);
  ask(insert("new"));
  for (let i = 0; i < 4; i++) assert.deepEqual(ask(byIndex), ["x-a", "new"]);
  assert.equal(first.epoch, 0);
});

test("a block that changes the table is never answered from the memo", () => {
  const lab = server();
  const changing = Buffer.concat([literalBlock(requestFields), Buffer.from([0x40, 3]), Buffer.from("x-a\x011")]);
  for (let i = 0; i < 5; i++) lab.feed(frame(wire.HEADERS, END, 1 + 2 * i, changing));
  assert.equal(lab.counters.memoHits, 0);
  // All five insertions happened: the fifth newest entry exists.
  lab.feed(frame(wire.HEADERS, END, 11, Buffer.concat([literalBlock(requestFields), Buffer.from([0x80 | 66])])));
  assert.equal(lab.connection.state, "open");
  assert.deepEqual(lab.of("headers").at(-1)?.list.fields.slice(-2), ["x-a", "1"]);
});

test("a table size update in the block keeps it out of the memo", () => {
  const lab = server();
  const updating = Buffer.concat([Buffer.from([0x20, 0x3f, 0xe1, 0x1f]), literalBlock(requestFields)]);
  for (let i = 0; i < 5; i++) lab.feed(frame(wire.HEADERS, END, 1 + 2 * i, updating));
  assert.equal(lab.counters.memoHits, 0);
});

test("the memo is bounded in slots and block size", () => {
  const lab = server({ maxConcurrentStreams: 1_000_000 });
  let id = 1;
  const send = (value: string): void => {
    lab.feed(headers(id, [...requestFields, "x-a", value], true));
    id += 2;
  };
  for (let i = 0; i < 10 * MEMO_SLOTS; i++) for (let twice = 0; twice < 2; twice++) send(`value-${i}`);
  for (let i = 0; i < 5; i++) send("b".repeat(MEMO_MAX_BLOCK));
  assert.equal(lab.counters.memoHits, 0);
});

test("per-call-unique headers are decoded, and a memoised neighbour is not disturbed", () => {
  const lab = server({ maxConcurrentStreams: 1_000_000 });
  let id = 1;
  for (let i = 0; i < 50; i++) {
    lab.feed(headers(id, requestFields, true), headers(id + 2, [...requestFields, "grpc-timeout", `${i}m`], true));
    assert.equal(lab.of("headers").at(-1)?.list.get("grpc-timeout"), `${i}m`);
    id += 4;
  }
  assert.equal(lab.counters.memoHits, 48);
});

test("what an encoder with a dynamic table sends settles into memo hits", () => {
  const lab = server({ maxConcurrentStreams: 1_000_000 });
  const encoder = new HpackEncoder();
  for (let i = 0; i < 100; i++) lab.feed(frame(wire.HEADERS, END, 1 + 2 * i, block(encoder, requestFields)));
  assert.ok(lab.counters.memoHits >= 96, String(lab.counters.memoHits));
});
