import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { RpcError, systemClock } from "@sampan/core";
import type { ConfigEvent } from "@sampan/core/ports";
import { configContract, createFakeClock, settled } from "@sampan/testkit";
import { FileConfigStore } from "./file/file-store.js";
import { MemoryConfigStore } from "./memory/memory-store.js";
import { configAddress } from "./open-store.js";

const realTime = (ms: number): Promise<void> =>
  new Promise((resolve) => void systemClock.timer(Math.min(ms, 60), resolve));

configContract("memory", async () => {
  const store = new MemoryConfigStore();
  return { store, other: storeBeside(store), passTime: () => settled(), dispose: () => store.close() };
});

configContract("file", async () => {
  const folder = mkdtempSync(join(tmpdir(), "sampan-centre-"));
  const store = new FileConfigStore(folder, { pollMs: 5 });
  const other = new FileConfigStore(folder, { pollMs: 5 });
  return {
    store,
    other,
    passTime: realTime,
    async dispose() {
      await Promise.all([store.close(), other.close()]);
      rmSync(folder, { recursive: true });
    },
  };
});

/** Another client of the same memory, which closing the first leaves open. */
function storeBeside(store: MemoryConfigStore): MemoryConfigStore {
  return store.beside();
}

test("a watch tells each failure once, tries again, and says when all is well", async () => {
  const clock = createFakeClock();
  const store = new MemoryConfigStore({ clock });
  await store.publish("a/b/c", "1");
  const events: string[] = [];
  store.watch("a/b/c", (event: ConfigEvent) => {
    if ("error" in event) assert.ok(event.error instanceof RpcError);
    events.push("error" in event ? "error" : `${event.text}`);
  });
  await clock.advance(10);
  store.fail(new Error("away"));
  await clock.advance(10_000);
  store.fail(undefined);
  await clock.advance(2_000);
  assert.deepEqual(events, ["1", "error", "1"]);
  await store.close();
  assert.equal(clock.pending, 0);
});

test("a lock that a dead publisher left behind is taken", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "sampan-centre-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const store = new FileConfigStore(folder);
  await store.publish("a", "1");
  writeFileSync(join(folder, "a.yaml.lock"), "");
  await store.publish("a", "2");
  assert.equal((await store.get("a")).text, "2");
  await store.close();
});

test("addresses name a store, its hosts, and the namespace and environment of every key", () => {
  const defaults = { namespace: "shop", environment: "test" };
  assert.deepEqual(configAddress("etcd://a:1,b:2/ns/prod", defaults), {
    kind: "etcd",
    endpoints: ["http://a:1", "http://b:2"],
    prefix: "ns/prod",
  });
  assert.deepEqual(configAddress("consul+https://[::1]:8501", defaults), {
    kind: "consul",
    endpoints: ["https://[::1]:8501"],
    prefix: "shop/test",
  });
  assert.deepEqual(configAddress("file:///etc/sampan/ns/prod", defaults), {
    kind: "file",
    endpoints: ["/etc/sampan"],
    prefix: "ns/prod",
  });
  const bad = ["", "redis://a:1", "etcd://a", "etcd://a:1/ns", "etcd://a:1/a/b/c", "etcd://a:1/../b", "file:///a/b"];
  for (const address of bad) assert.throws(() => configAddress(address, defaults), /is no address of configuration/);
  assert.throws(
    () => configAddress("etcd://root:secret@a:1", defaults),
    (error: Error) => !/secret/.test(error.message),
  );
});
