// needs: etcd
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { systemClock } from "@sampan/core";
import { configContract } from "@sampan/testkit";
import { type EtcdServer, startEtcd } from "./etcd-server.fixture.js";
import { EtcdConfigStore } from "./etcd-store.js";

let etcd: EtcdServer;
before(async () => {
  etcd = await startEtcd();
});
after(() => etcd.dispose());

const storeOf = (): EtcdConfigStore => new EtcdConfigStore({ endpoints: [`http://${etcd.host}`], checkMs: 200 });
const pass = (ms: number): Promise<void> => new Promise((resolve) => void systemClock.timer(ms, resolve));
const keys = ["sampan/test/order", "sampan/test/order-saga", "sampan/test/order.previous"];

configContract("etcd", async () => {
  const other = storeOf();
  for (const key of keys) await other.publish(key, undefined);
  const store = storeOf();
  return {
    store,
    other,
    passTime: pass,
    async dispose() {
      await Promise.all([store.close(), other.close()]);
    },
  };
});

test("a watch outlives a restart of the server, says that it was away, and misses nothing", async () => {
  const store = storeOf();
  const key = "sampan/test/restart";
  await store.publish(key, "1");
  const seen: string[] = [];
  store.watch(key, (event) => void seen.push("error" in event ? "away" : `${event.text}`));
  const until = async (last: string): Promise<void> => {
    for (let tries = 0; tries < 200 && seen.at(-1) !== last; tries++) await pass(50);
    assert.equal(seen.at(-1), last);
  };
  await until("1");
  await etcd.kill();
  await until("away");
  await etcd.start();
  await until("1");
  await store.publish(key, "2");
  await until("2");
  await store.close();
});
