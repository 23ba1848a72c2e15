// needs: etcd
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { EtcdClient } from "@sampan/engines";
import { contractInstance, registryContract, watched } from "@sampan/testkit";
import { EtcdCluster } from "./etcd-cluster.fixture.js";
import { etcdRegistrar } from "./registrar.js";
import { etcdResolver } from "./resolver.js";

const quick = { restarts: { firstMs: 20, maxMs: 200, minRefreshMs: 50 } };

let one: EtcdCluster;
before(async () => {
  one = await EtcdCluster.start(1);
});
after(() => one.stop());

let namespaces = 0;

registryContract("etcd", { registers: true, fails: true, forgets: true }, async () => {
  const settings = { endpoints: one.endpoints, namespace: `contract-${namespaces++}`, ttlMs: 3000, timeoutMs: 500 };
  const registrar = etcdRegistrar(settings, { times: { renewEveryMs: 200, retryMs: 20 } });
  const resolver = etcdResolver(settings, quick);
  return {
    registrar,
    resolver,
    outage: () => one.killAll(),
    recovery: () => one.restart({ empty: false }),
    forget: () => one.restart({ empty: true }),
    dispose: async () => void (await Promise.all([registrar.close(), resolver.close()])),
  };
});

describe("etcd resolver", () => {
  it("lists anew when the history it watches from is compacted", async () => {
    const settings = { endpoints: one.endpoints, namespace: `ns-${namespaces++}` };
    const client = new EtcdClient(settings);
    const put = (number: number) => {
      const instance = contractInstance(number);
      return client.put(`/sampan/${settings.namespace}/services/order/${instance.id}`, JSON.stringify(instance));
    };
    await put(1);
    const resolver = etcdResolver(settings, quick);
    const seen = watched(resolver, "order");
    await seen.are(contractInstance(1));
    // While it cannot watch, changes come and the history goes.
    await one.killAll();
    await seen.error();
    await one.restart({ empty: false });
    await put(2);
    await client.delete(`/sampan/${settings.namespace}/services/order/${contractInstance(1).id}`);
    await one.compact();
    await seen.are(contractInstance(2));
    // A watch from before the compaction is refused, and that is found out.
    const gone = await client.watch("/sampan/", 1, AbortSignal.timeout(5000));
    await assert.rejects(async () => {
      for await (const _ of gone);
    }, /no longer has the history/);
    client.close();
    await resolver.close();
  });

  it("leaves out garbage, lies about ids, and what is too much, and uses the rest", async () => {
    const settings = { endpoints: one.endpoints, namespace: `ns-${namespaces++}` };
    const client = new EtcdClient(settings);
    const folder = `/sampan/${settings.namespace}/services/order/`;
    const good = contractInstance(1);
    for (const [key, value] of [
      [good.id, JSON.stringify(good)],
      ["liar", JSON.stringify({ ...good, id: good.id, address: "nowhere" })],
      ["broken", '{"id":'],
      ["number", "17"],
      ["empty", ""],
    ])
      await client.put(folder + key, value ?? "");
    const resolver = etcdResolver(settings, quick);
    const seen = watched(resolver, "order");
    await seen.are(good);
    await client.put(`${folder}later`, "[]");
    const other = contractInstance(2);
    await client.put(folder + other.id, JSON.stringify(other));
    await seen.are(good, other);
    await client.put(folder + other.id, "no longer JSON");
    await seen.are(good);
    client.close();
    await resolver.close();
  });

  it("reads a service of more than one page at one revision", async () => {
    const settings = { endpoints: one.endpoints, namespace: `ns-${namespaces++}` };
    const client = new EtcdClient(settings);
    const instances = Array.from({ length: 1201 }, (_, i) =>
      contractInstance(1, { id: `i${i}`, address: `ipv4:10.0.0.1:${i + 1}` }),
    );
    for (let at = 0; at < instances.length; at += 100)
      await Promise.all(
        instances
          .slice(at, at + 100)
          .map((each) => client.put(`/sampan/${settings.namespace}/services/order/${each.id}`, JSON.stringify(each))),
      );
    const resolver = etcdResolver(settings, quick);
    const seen = watched(resolver, "order");
    await seen.until((event) => "instances" in event && event.instances.length === instances.length, "all pages");
    client.close();
    await resolver.close();
  });
});

describe("etcd cluster of three", () => {
  it("is followed across the loss of its leader, and leases outlive it", async () => {
    const three = await EtcdCluster.start(3);
    const settings = { endpoints: three.endpoints, ttlMs: 6000, timeoutMs: 1000 };
    const registrar = etcdRegistrar(settings, { times: { renewEveryMs: 500 } });
    const resolver = etcdResolver(settings, quick);
    try {
      await registrar.register("order", contractInstance(1));
      const seen = watched(resolver, "order");
      await seen.are(contractInstance(1));
      const before = process.hrtime.bigint();
      await three.killLeader();
      await registrar.register("order", contractInstance(2));
      await seen.are(contractInstance(1), contractInstance(2));
      console.log(
        `# leader killed; a new instance is seen after ${(process.hrtime.bigint() - before) / 1_000_000n} ms`,
      );
      assert.deepEqual(seen.lost, [], "no instance was lost meanwhile");
    } finally {
      await Promise.all([registrar.close(), resolver.close()]);
      await three.stop();
    }
  });
});
