import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { LastGood } from "./last-good.js";

test("the longest unused makes room", () => {
  const kept = new LastGood(2, 1_000_000);
  kept.put("a", Uint8Array.of(1), 0);
  kept.put("b", Uint8Array.of(2), 0);
  kept.get("a");
  kept.put("c", Uint8Array.of(3), 0);
  assert.deepEqual([kept.get("a")?.[0], kept.get("b"), kept.get("c")?.[0]], [1, undefined, 3]);
});

test("an answer larger than the whole is not kept, and takes the old one with it", () => {
  const kept = new LastGood(10, 1000);
  kept.put("a", new Uint8Array(800), 0);
  assert.equal(kept.entries, 1);
  kept.put("a", new Uint8Array(1000), 0);
  assert.deepEqual([kept.entries, kept.bytes, kept.age("a", 5)], [0, 0, Number.POSITIVE_INFINITY]);
});

test("whatever is put, entries and bytes keep their bounds", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 6 }),
      fc.integer({ min: 200, max: 2000 }),
      fc.array(fc.tuple(fc.nat(9), fc.nat(600), fc.boolean()), { maxLength: 100 }),
      (maxEntries, maxBytes, steps) => {
        const kept = new LastGood(maxEntries, maxBytes);
        for (const [key, size, reads] of steps) {
          if (reads) kept.get(`k${key}`);
          else kept.put(`k${key}`, new Uint8Array(size), 0);
          assert.ok(kept.entries <= maxEntries && kept.bytes <= maxBytes && kept.bytes >= 0);
          assert.equal(kept.bytes === 0, kept.entries === 0);
        }
      },
    ),
  );
});
