import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { nextIndex } from "../consul/consul-client.js";
import { EngineErrors, refusedStatus } from "../errors.js";
import { endOfPrefix, toBase64 } from "./etcd-json.js";
import { watchEvents } from "./etcd-watch.js";

async function* lines(...each: readonly unknown[]): AsyncGenerator<string> {
  for (const line of each) yield typeof line === "string" ? line : JSON.stringify(line);
}

async function eventsOf(...each: readonly unknown[]) {
  const found = [];
  for await (const events of watchEvents(lines(...each))) found.push(...events);
  return found;
}

describe("etcd's watch", () => {
  it("gives puts and deletes, and nothing for progress", async () => {
    const kv = { key: toBase64("/a"), value: toBase64("价"), mod_revision: "7" };
    const progress = { result: { header: { revision: "9" } } };
    const gone = { type: "DELETE", kv: { key: toBase64("/a"), mod_revision: "8" } };
    assert.deepEqual(await eventsOf({ result: { created: true } }, { result: { events: [{ kv }, gone] } }, progress), [
      { type: "put", entry: { key: "/a", value: "价", modRevision: 7 } },
      { type: "delete", key: "/a" },
    ]);
  });

  it("tells a compacted history from other ends", async () => {
    const compacted = { result: { canceled: true, compact_revision: "12" } };
    await assert.rejects(eventsOf(compacted), (error) => EngineErrors.COMPACTED.is(error));
    const noLeader = { result: { canceled: true, cancel_reason: "etcdserver: no leader" } };
    await assert.rejects(eventsOf(noLeader), /no leader/);
    await assert.rejects(
      eventsOf({ error: { http_code: 503, message: "unavailable" } }),
      (error) => refusedStatus(error) === 503,
    );
  });

  it("refuses what is no JSON, and survives any JSON at all", async () => {
    await assert.rejects(eventsOf('{"result":'), (error) => EngineErrors.BAD_ANSWER.is(error));
    await fc.assert(
      fc.asyncProperty(fc.json(), async (json) => {
        await eventsOf(json, `{"result":${json}}`, `{"result":{"events":[${json}]}}`).catch((error) => {
          assert.ok(EngineErrors.REFUSED.is(error) || EngineErrors.COMPACTED.is(error), String(error));
        });
      }),
    );
  });

  it("a prefix ends behind everything that begins so, and before everything else", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), fc.string({ unit: "binary" }), (prefix, rest) => {
        const end = Buffer.from(endOfPrefix(prefix), "base64");
        const key = Buffer.from(prefix + rest);
        if (prefix === "") assert.deepEqual([...end], [0], "which means all keys");
        else assert.ok(Buffer.compare(key, end) < 0);
        if (prefix !== "") assert.ok(Buffer.compare(Buffer.from(prefix), end) < 0);
      }),
    );
  });
});

describe("Consul's index", () => {
  it("goes on upwards, and begins anew otherwise", () => {
    assert.equal(nextIndex(0, 7), 7);
    assert.equal(nextIndex(7, 7), 7);
    assert.equal(nextIndex(7, 6), 0);
    for (const bad of [0, -1, Number.NaN, 1.5, Number.POSITIVE_INFINITY]) assert.equal(nextIndex(7, bad), 0);
  });
});
