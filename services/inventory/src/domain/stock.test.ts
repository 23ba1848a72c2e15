import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type Level, mergeLines, move, type Place, shortages } from "./stock.js";

const line = fc.record({
  productId: fc.constantFrom("a", "b", "c"),
  quantity: fc.bigInt({ min: 1n, max: 1_000_000n }),
});

test("merged lines have each product once, in order, with the sum", () => {
  assert.deepEqual(
    mergeLines([
      { productId: "b", quantity: 1n },
      { productId: "a", quantity: 2n },
      { productId: "b", quantity: 3n },
    ]),
    [
      { productId: "a", quantity: 2n },
      { productId: "b", quantity: 4n },
    ],
  );
  fc.assert(
    fc.property(fc.array(line), (lines) => {
      const merged = mergeLines(lines);
      assert.equal(
        merged.reduce((sum, each) => sum + each.quantity, 0n),
        lines.reduce((sum, each) => sum + each.quantity, 0n),
      );
      assert.deepEqual(
        merged.map(({ productId }) => productId),
        [...new Set(lines.map(({ productId }) => productId))].sort(),
      );
    }),
  );
});

test("a movement inside the house changes no sum, and one from outside adds exactly its pieces", () => {
  const places: readonly Place[] = ["available", "reserved", "sold"];
  fc.assert(
    fc.property(
      fc.array(line),
      fc.constantFrom(...places, "outside" as const),
      fc.constantFrom(...places),
      (lines, from, to) => {
        for (const [index, movement] of move(lines, from, to).entries()) {
          const added = from === "outside" ? (lines[index]?.quantity ?? 0n) : 0n;
          assert.equal(movement.available + movement.reserved + movement.sold, added);
        }
      },
    ),
  );
});

test("a shortage names what is wanted and what is there; exactly enough is none", () => {
  const levels = new Map<string, Level>([["a", { productId: "a", available: 3n, reserved: 9n, sold: 9n }]]);
  assert.deepEqual(shortages([{ productId: "a", quantity: 3n }], levels), []);
  assert.deepEqual(
    shortages(
      [
        { productId: "a", quantity: 4n },
        { productId: "ghost", quantity: 1n },
      ],
      levels,
    ),
    [
      { productId: "a", wanted: 4n, available: 3n },
      { productId: "ghost", wanted: 1n, available: 0n },
    ],
  );
});
