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
