import assert from "node:assert/strict";
import { test } from "node:test";
import { createFakeClock, keyValueContract } from "@sampan/testkit";
import { KeyValueErrors, memoryKeyValue } from "./key-value.js";

const one = Uint8Array.of(1);

keyValueContract("the key-value store in memory", async () => {
  const clock = createFakeClock();
  const store = memoryKeyValue({ clock });
  return { store, passTime: (ms) => clock.advance(ms), dispose: () => store.close() };
});

test("a store that is full refuses new keys, until old ones expire", async () => {
  const clock = createFakeClock();
  const store = memoryKeyValue({ clock, maxEntries: 3 });
  for (const key of ["a", "b", "c"]) await store.put(key, one, 1000);
  await assert.rejects(store.put("d", one), KeyValueErrors.KEY_VALUE_FULL.is);
  await store.put("a", one, 5000);
  await clock.advance(1500);
  await store.put("d", one);
  await store.put("e", one);
  await assert.rejects(store.put("f", one), KeyValueErrors.KEY_VALUE_FULL.is);
  assert.deepEqual(await store.get("a"), one);
});

test("keys and values have their limits", async () => {
  const store = memoryKeyValue({ maxKeyLength: 3, maxValueBytes: 2 });
  await store.put("abc", Uint8Array.of(1, 2));
  await assert.rejects(store.put("abcd", one), KeyValueErrors.KEY_VALUE_TOO_LARGE.is);
  await assert.rejects(store.put("abc", Uint8Array.of(1, 2, 3)), KeyValueErrors.KEY_VALUE_TOO_LARGE.is);
  await assert.rejects(store.compareAndSet("x", undefined, new Uint8Array(3)), KeyValueErrors.KEY_VALUE_TOO_LARGE.is);
  assert.equal(await store.get("x"), undefined);
});

test("a key holds one kind of thing", async () => {
  const store = memoryKeyValue();
  await store.put("a", one);
  await assert.rejects(store.increment("a", 1), KeyValueErrors.KEY_VALUE_KIND.is);
  await assert.rejects(store.acquire("a", { tokens: 1, ratePerSecond: 1, burst: 1 }), KeyValueErrors.KEY_VALUE_KIND.is);
});
