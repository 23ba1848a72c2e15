import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ConsulClient } from "@sampan/engines";
import { contractInstance, createFakeClock, logTo, registryContract, watched } from "@sampan/testkit";
import { ConsulAgent } from "./consul-agent.fixture.js";
import { instanceFromEntry } from "./instance-meta.js";
import { consulLeases } from "./lease.js";
import { consulRegistrar } from "./registrar.js";
import { consulResolver } from "./resolver.js";
import { leaseCheckId } from "./settings.js";

const quick = { restarts: { firstMs: 5, maxMs: 50, minRefreshMs: 1 } };

registryContract("consul (stand-in)", { registers: true, fails: true, forgets: true }, async () => {
  const agent = new ConsulAgent();
  const endpoints = [await agent.listen()];
  const registrar = consulRegistrar({ endpoints, ttlMs: 600 }, { times: { renewEveryMs: 100, retryMs: 10 } });
  const resolver = consulResolver({ endpoints }, { ...quick, waitMs: 500 });
  return {
    registrar,
    resolver,
    outage: async () => void (agent.failWith = 500),
    recovery: async () => void (agent.failWith = 0),
    forget: async () => agent.restart(),
    dispose: async () => {
      await Promise.all([registrar.close(), resolver.close()]);
      await agent.close();
    },
  };
});

/** Set to `http://host:8500` of an agent, the same suite runs against it; services of its names are removed. */
const realAgent = process.env.TEST_CONSUL_ADDRESS;
if (realAgent !== undefined)
  registryContract("consul (real)", { registers: true }, async () => {
    const endpoints = [realAgent];
    const registrar = consulRegistrar({ endpoints, ttlMs: 2000 });
    const resolver = consulResolver({ endpoints }, { ...quick, waitMs: 500 });
    return {
      registrar,
      resolver,
      dispose: async () => void (await Promise.all([registrar.close(), resolver.close()])),
    };
  });

const never = new AbortController().signal;

describe("consul leases", () => {
  it("an instance that stops renewing is gone after its ttl, and forgotten a minute later", async () => {
    const clock = createFakeClock();
    const agent = new ConsulAgent(clock);
    const endpoints = [await agent.listen()];
    const backend = consulLeases({ endpoints, ttlMs: 10_000 });
    const client = new ConsulClient({ endpoints });
    const lease = backend.open();
    await lease.take({ service: "order", instance: contractInstance(1) }, never);
    const alive = async () => {
      const { entries } = await client.health("order", { index: 0, waitMs: 0 });
      return { known: entries.length, used: entries.filter((entry) => instanceFromEntry(entry) !== undefined).length };
    };
    await clock.advance(9000);
    assert.equal(await lease.renew(never), true);
    await clock.advance(9999);
    assert.deepEqual(await alive(), { known: 1, used: 1 });
    await clock.advance(1);
    assert.deepEqual(await alive(), { known: 1, used: 0 });
    await clock.advance(60_000);
    assert.deepEqual(await alive(), { known: 0, used: 0 });
    assert.equal(await lease.renew(never), false, "the lease is lost");
    client.close();
    backend.close();
    await agent.close();
  });

  it("shows an overloaded instance as a warning, which Consul's own users do not call", async () => {
    const agent = new ConsulAgent();
    const backend = consulLeases({ endpoints: [await agent.listen()] });
    const lease = backend.open();
    const instance = contractInstance(1);
    await lease.take({ service: "order", instance }, never);
    const check = leaseCheckId("order", instance.id);
    assert.equal(agent.status(check), "passing");
    await lease.replace({ service: "order", instance: { ...instance, health: "overloaded" } }, never);
    assert.equal(agent.status(check), "warning");
    backend.close();
    await agent.close();
  });

  it("refuses labels that do not fit, before it asks", async () => {
    const agent = new ConsulAgent();
    const endpoints = [await agent.listen()];
    const registrar = consulRegistrar({ endpoints });
    const labels = Object.fromEntries(Array.from({ length: 60 }, (_, i) => [`k${i}`, "x".repeat(1000)]));
    await assert.rejects(registrar.register("order", contractInstance(1, { labels })), /more than 64 pieces/);
    assert.equal(agent.asked, 0);
    const fits = Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`k${i}`, "x".repeat(1000)]));
    const resolver = consulResolver({ endpoints });
    await registrar.register("order", contractInstance(1, { labels: fits }));
    await watched(resolver, "order").are(contractInstance(1, { labels: fits }));
    await Promise.all([registrar.close(), resolver.close()]);
    await agent.close();
  });
});

describe("consul resolver", () => {
  it("begins anew when the index goes backwards", async () => {
    const agent = new ConsulAgent();
    const address = await agent.listen();
    agent.put(service("a", 1));
    agent.put(service("b", 2));
    const resolver = consulResolver({ endpoints: [address] }, { ...quick, waitMs: 20 });
    const seen = watched(resolver, "order");
    await seen.until((event) => "instances" in event && event.instances.length === 2);
    agent.restart();
    agent.put(service("c", 3));
    await seen.until((event) => "instances" in event && event.instances[0]?.id === "c");
    await resolver.close();
    await agent.close();
  });

  it("reads what others have registered, and says when it cannot", async () => {
    const agent = new ConsulAgent();
    const address = await agent.listen();
    agent.put({ ...service("a", 1), Meta: { team: "shop" }, Weights: { Passing: 40, Warning: 1 } });
    agent.put({ ...service("b", 2), Port: 0 });
    const lines: { message: string }[] = [];
    const resolver = consulResolver({ endpoints: [address] }, { ...quick, logger: logTo(lines as never) });
    const expected = contractInstance(1, { id: "a", weight: 40, labels: { team: "shop" } });
    await watched(resolver, "order").are(expected);
    assert.deepEqual(
      lines.map(({ message }) => message),
      ["entries of the registry cannot be used"],
    );
    await resolver.close();
    await agent.close();
  });

  for (const garbage of ["<html>", "{}", "[1,null,[],{}]", '[{"Service":{"ID":', ""])
    it(`survives the answer ${garbage || "of nothing"} and does not ask without pause`, async () => {
      const clock = createFakeClock();
      const agent = new ConsulAgent();
      agent.garbage = garbage;
      const resolver = consulResolver({ endpoints: [await agent.listen()] }, { clock });
      const seen = watched(resolver, "order");
      await seen.first();
      assert.ok(agent.asked <= 2, `${agent.asked}`);
      await resolver.close();
      await agent.close();
    });
});

function service(id: string, number: number) {
  const Weights = { Passing: 1, Warning: 1 };
  return { ID: id, Service: "order", Address: `127.0.9.${number}`, Port: 50051, Meta: {}, Weights };
}
