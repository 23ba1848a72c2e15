import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type Batch, Collector } from "./collector.js";

test("every item is sent once, in order, in batches within their bounds", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 5 }),
      fc.integer({ min: 10, max: 40 }),
      fc.array(fc.tuple(fc.constantFrom("a", "b"), fc.nat(20)), { maxLength: 60 }),
      (maxItems, maxBytes, items) => {
        const sent: Batch<number>[] = [];
        const opened: Batch<number>[] = [];
        const collector = new Collector<number>(
          (batch) => void sent.push(batch),
          (batch) => void opened.push(batch),
        );
        for (const [i, [key, bytes]] of items.entries()) collector.add(key, i, bytes, { maxItems, maxBytes });
        collector.flushAll();
        assert.deepEqual(new Set(sent), new Set(opened));
        for (const key of ["a", "b"]) {
          const got = sent.filter((batch) => batch.key === key).flatMap((batch) => batch.items);
          assert.deepEqual(
            got,
            [...items.keys()].filter((i) => items[i]?.[0] === key),
          );
        }
        for (const batch of sent) {
          assert.ok(batch.items.length >= 1 && batch.items.length <= maxItems);
          assert.ok(batch.bytes <= maxBytes || batch.items.length === 1);
        }
      },
    ),
  );
});

test("a batch that was sent is not sent again by its timer", () => {
  const sent: Batch<number>[] = [];
  let first: Batch<number> | undefined;
  const collector = new Collector<number>(
    (batch) => void sent.push(batch),
    (batch) => {
      first ??= batch;
    },
  );
  const bounds = { maxItems: 2, maxBytes: 100 };
  for (const item of [1, 2, 3]) collector.add("a", item, 1, bounds);
  collector.flush(first as Batch<number>);
  assert.deepEqual(
    sent.map((batch) => batch.items),
    [[1, 2]],
  );
});
