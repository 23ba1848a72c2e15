import assert from "node:assert/strict";
import { test } from "node:test";
import { drawIds, encipher, expandKey, spanIdOf, traceIdOf } from "./trace-ids.js";

test("the cipher gives the test vector of its paper", () => {
  // Speck64/128: key 1b1a1918 13121110 0b0a0908 03020100, given here from its last word.
  const keys = expandKey(Int32Array.of(0x03020100, 0x0b0a0908, 0x13121110, 0x1b1a1918));
  const block = Int32Array.of(0x3b726574, 0x7475432d);
  encipher(keys, block);
  assert.deepEqual([...new Uint32Array(block.buffer)], [0x8c6fa548, 0x454e028b]);
});

test("one draw always reads as the same ids, another as others", () => {
  const [one, other] = [drawIds(), drawIds()];
  assert.equal(spanIdOf(one), spanIdOf(one));
  assert.equal(traceIdOf(one), traceIdOf(one));
  assert.notEqual(spanIdOf(one), spanIdOf(other));
  assert.notEqual(traceIdOf(one), traceIdOf(other));
  assert.ok(!traceIdOf(one).includes(spanIdOf(one)));
});

test("ids do not repeat when draws no longer fit 32 bits", () => {
  const draws = Array.from({ length: 1000 }, (_, i) => [i, 2 ** 32 + i, 2 ** 52 + i]).flat();
  const ids = new Set(draws.flatMap((draw) => [spanIdOf(draw), traceIdOf(draw)]));
  assert.equal(ids.size, draws.length * 2);
  for (const id of ids) assert.match(id, /^([0-9a-f]{16}){1,2}$/);
});
