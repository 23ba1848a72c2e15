import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { NacosClient } from "@sampan/engines";
import { contractInstance, createFakeClock, registryContract, watched } from "@sampan/testkit";
import { instanceFromEntry } from "./instance-metadata.js";
import { nacosLeases } from "./lease.js";
import { NacosServer } from "./nacos-server.fixture.js";
import { nacosRegistrar } from "./registrar.js";
import { nacosResolver } from "./resolver.js";

const quick = { restarts: { firstMs: 5, maxMs: 50, minRefreshMs: 1 }, pollMs: 50 };

registryContract("nacos (stand-in)", { registers: true, fails: true, forgets: true }, async () => {
  const server = new NacosServer();
  const settings = { endpoints: [await server.listen()], ttlMs: 1200 };
  const registrar = nacosRegistrar(settings, { times: { renewEveryMs: 100, retryMs: 10 } });
  const resolver = nacosResolver(settings, quick);
  return {
    registrar,
    resolver,
    outage: async () => void (server.failWith = 503),
    recovery: async () => void (server.failWith = 0),
    forget: async () => server.restart(),
    dispose: async () => {
      await Promise.all([registrar.close(), resolver.close()]);
      await server.close();
    },
  };
});

/** Set to `http://host:8848` of a server, the same suite runs against it, each test in a group of its own. */
const realServer = process.env.TEST_NACOS_ADDRESS;
let groups = 0;
if (realServer !== undefined)
  registryContract("nacos (real)", { registers: true }, async () => {
    const settings = { endpoints: [realServer], group: `contract-${process.pid}-${groups++}` };
    const registrar = nacosRegistrar(settings);
    const resolver = nacosResolver(settings, quick);
    return {
      registrar,
      resolver,
      dispose: async () => void (await Promise.all([registrar.close(), resolver.close()])),
    };
  });

const never = new AbortController().signal;

describe("nacos leases", () => {
  it("an instance that is not heard of is down after half its time and deleted after all of it", async () => {
    const clock = createFakeClock();
    const server = new NacosServer(clock);
    const endpoints = [await server.listen()];
    const backend = nacosLeases({ endpoints });
    const client = new NacosClient({ endpoints });
    const lease = backend.open();
    await lease.take({ service: "order", instance: contractInstance(1) }, never);
    const health = async () => (await client.instances("order")).map((entry) => instanceFromEntry(entry)?.health);
    await clock.advance(14_999);
    assert.equal(await lease.renew(never), true);
    await clock.advance(14_999);
    assert.deepEqual(await health(), ["up"]);
    await clock.advance(1);
    assert.deepEqual(await health(), ["down"]);
    await clock.advance(15_000);
    assert.deepEqual(await health(), []);
    assert.equal(await lease.renew(never), false, "the lease is lost");
    client.close();
    backend.close();
    await server.close();
  });

  it("refuses what Nacos has no place for, before it asks", async () => {
    const server = new NacosServer();
    const registrar = nacosRegistrar({ endpoints: [await server.listen()] });
    const socket = contractInstance(1, { address: "unix:/run/order.sock" });
    await assert.rejects(registrar.register("order", socket), /only a host and a port/);
    const labels = { note: "x".repeat(900) };
    await assert.rejects(registrar.register("order", contractInstance(1, { labels })), /do not fit/);
    assert.equal(server.asked, 0);
    await registrar.register("order", contractInstance(1, { labels: { note: "x".repeat(700) } }));
    await registrar.close();
    await server.close();
  });
});

describe("nacos resolver", () => {
  it("keeps namespaces and groups apart", async () => {
    const server = new NacosServer();
    const endpoints = [await server.listen()];
    const registrar = nacosRegistrar({ endpoints, namespace: "shop", group: "blue" });
    await registrar.register("order", contractInstance(1));
    const here = nacosResolver({ endpoints, namespace: "shop", group: "blue" }, quick);
    const there = nacosResolver({ endpoints, namespace: "shop" }, quick);
    await watched(here, "order").are(contractInstance(1));
    await watched(there, "order").are();
    await Promise.all([registrar.close(), here.close(), there.close()]);
    await server.close();
  });

  it("takes the weight that somebody set in the console, and leaves out what is switched off", () => {
    const entry = {
      ip: "127.0.9.1",
      port: 50051,
      weight: 0.4,
      healthy: true,
      enabled: true,
      metadata: { team: "shop" },
    };
    const expected = contractInstance(1, { weight: 40, labels: { team: "shop" } });
    assert.deepEqual(instanceFromEntry(entry), expected);
    assert.equal(instanceFromEntry({ ...entry, enabled: false }), undefined);
    assert.equal(instanceFromEntry({ ...entry, weight: 10_000 })?.weight, 1000);
  });

  for (const garbage of ["<html>", "{}", '{"code":0,"data":{}}', '{"code":0,"data":[1,null,{}]}', '{"code":0,"da'])
    it(`survives the answer ${garbage} and does not ask without pause`, async () => {
      const clock = createFakeClock();
      const server = new NacosServer();
      server.garbage = garbage;
      const resolver = nacosResolver({ endpoints: [await server.listen()] }, { clock });
      await watched(resolver, "order").first();
      assert.equal(server.asked, 1);
      await resolver.close();
      await server.close();
    });
});
