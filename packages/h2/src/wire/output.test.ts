import assert from "node:assert/strict";
import { test } from "node:test";
import { putBytes } from "./frame-writer.js";
import { BufferPool, Output } from "./output.js";

function output(size = 64): { out: Output; pool: BufferPool; wakes: () => number } {
  const pool = new BufferPool(size, 4);
  let wakes = 0;
  const out = new Output(pool, { wake: () => wakes++ });
  return { out, pool, wakes: () => wakes };
}

function write(out: Output, octets: Buffer): void {
  out.reserve(octets.length);
  putBytes(out, octets, 0, octets.length);
}

test("a buffer is reused only after its write has completed", () => {
  const { out } = output();
  write(out, Buffer.alloc(40, 1));
  const [first] = out.take();
  assert.ok(first);
  write(out, Buffer.alloc(40, 2));
  const [second] = out.take();
  assert.notEqual(second?.base, first.base, "the first is still being written");
  assert.ok(first.view.every((octet) => octet === 1));
  out.recycle(first);
  write(out, Buffer.alloc(40, 3));
  assert.equal(out.take()[0]?.base, first.base);
});

test("the driver is woken once per flush, however much is written", () => {
  const { out, wakes } = output();
  for (let i = 0; i < 10; i++) write(out, Buffer.alloc(20));
  assert.equal(wakes(), 1);
  out.take();
  write(out, Buffer.alloc(20));
  assert.equal(wakes(), 2);
});

test("octets leave in order, in buffers that are filled, so that TLS fills its records", () => {
  const { out } = output(64);
  const all = Buffer.from(Array.from({ length: 200 }, (_, i) => i));
  for (let i = 0; i < 200; i += 8) write(out, all.subarray(i, i + 8));
  assert.equal(out.pending, 200);
  const segments = out.take();
  assert.deepEqual(
    segments.map((segment) => segment.view.length),
    [64, 64, 64, 8],
  );
  assert.deepEqual(Buffer.concat(segments.map((segment) => segment.view)), all);
  assert.equal(out.pending, 0);
});

test("a write larger than the pool's buffers gets one of its own, which is not kept", () => {
  const { out, pool } = output(64);
  write(out, Buffer.alloc(500, 7));
  const [segment] = out.take();
  assert.equal(segment?.view.length, 500);
  out.recycle(segment as never);
  assert.equal(pool.acquire().length, 64);
});

test("an idle output holds no buffer", () => {
  const { out } = output();
  write(out, Buffer.alloc(10));
  out.take();
  assert.equal(out.bytes.length, 0);
});

test("octets that are referred to leave from where they are, in order, and the buffer goes back with its last octets", () => {
  const { out, pool } = output(64);
  const large = Buffer.alloc(1000, 9);
  write(out, Buffer.alloc(10, 1));
  out.refer(large);
  write(out, Buffer.alloc(10, 2));
  out.refer(large.subarray(0, 5));
  assert.equal(out.pending, 1025);
  const segments = out.take();
  assert.equal(segments[1]?.view, large);
  assert.deepEqual(
    segments.map(({ view, base }) => [view.length, base.length]),
    [
      [10, 0],
      [1000, 0],
      [10, 0],
      [5, 64],
    ],
  );
  assert.equal(out.pending, 0);
  for (const segment of segments.slice(0, 3)) out.recycle(segment);
  assert.notEqual(pool.acquire(), segments[3]?.base, "the last segment is still being written");
  out.recycle(segments[3] as never);
  assert.equal(pool.acquire(), segments[3]?.base);
});

test("a buffer that is filled behind a reference is followed by a new one", () => {
  const { out } = output(64);
  write(out, Buffer.alloc(60, 1));
  out.refer(Buffer.alloc(100, 2));
  write(out, Buffer.alloc(30, 3));
  const octets = Buffer.concat(out.take().map(({ view }) => view));
  assert.deepEqual(octets, Buffer.concat([Buffer.alloc(60, 1), Buffer.alloc(100, 2), Buffer.alloc(30, 3)]));
});
