import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Stream } from "./stream.js";
import { StreamMap } from "./stream-map.js";

test("behaves as a Map does, whatever comes and goes", () => {
  const steps = fc.array(fc.tuple(fc.boolean(), fc.integer({ min: 0, max: 400 })), { maxLength: 600 });
  fc.assert(
    fc.property(steps, (list) => {
      const map = new StreamMap();
      const model = new Map<number, Stream>();
      for (const [add, number] of list) {
        const id = number * 2 + 1;
        if (!add) {
          map.delete(id);
          model.delete(id);
        } else if (!model.has(id)) {
          const stream = new Stream(id, 0, 0);
          map.add(stream);
          model.set(id, stream);
        }
        assert.equal(map.size, model.size);
        assert.equal(map.get(id), model.get(id));
      }
      for (const [id, stream] of model) assert.equal(map.get(id), stream);
      assert.deepEqual(new Set(map.values()), new Set(model.values()));
    }),
  );
});
