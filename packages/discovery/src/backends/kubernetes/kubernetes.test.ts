import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import type { Instance } from "@sampan/core/ports";
import { inCluster } from "@sampan/engines";
import { contractInstance, createFakeClock, registryContract, watched } from "@sampan/testkit";
import { ApiServer } from "./api-server.fixture.js";
import { instancesOf } from "./endpoint-slice.js";
import { kubernetesResolver } from "./resolver.js";

async function opened() {
  const server = new ApiServer();
  const folder = mkdtempSync(join(tmpdir(), "sampan-token-"));
  const tokenFile = join(folder, "token");
  writeFileSync(tokenFile, `${server.token}\n`);
  const settings = { endpoints: [await server.listen()], tokenFile, namespace: "shop" };
  const restarts = { firstMs: 5, maxMs: 50, minRefreshMs: 1 };
  const resolver = kubernetesResolver(settings, { restarts });
  const dispose = async () => {
    await resolver.close();
    await server.close();
    rmSync(folder, { recursive: true });
  };
  return { server, settings, resolver, tokenFile, dispose };
}

/** A pod's endpoint as a slice has it. */
function endpoint(instance: Instance, change: Record<string, unknown> = {}) {
  const [, host] = instance.address.split(":");
  const conditions = { ready: instance.health === "up", serving: instance.health === "up", terminating: false };
  return {
    addresses: [host],
    conditions,
    zone: instance.zone,
    targetRef: { kind: "Pod", uid: instance.id },
    ...change,
  };
}

const ports = [{ name: "grpc", port: 50051, protocol: "TCP" }];

function slice(...instances: readonly Instance[]) {
  return { ports, endpoints: instances.map((instance) => endpoint(instance)) };
}

registryContract("kubernetes (stand-in)", { fails: true }, async () => {
  const { server, resolver, dispose } = await opened();
  return {
    resolver,
    carries: ["zone", "health"],
    // Two slices, as a service has while one is filled up.
    async announce(service, instances) {
      server.put(service, `${service}-a`, slice(...instances.slice(0, 1)));
      server.put(service, `${service}-b`, slice(...instances.slice(1)));
    },
    outage: async () => {
      server.failWith = 500;
      server.endWatches();
    },
    recovery: async () => void (server.failWith = 0),
    dispose,
  };
});

const [one, two] = [contractInstance(1), contractInstance(2)];

describe("kubernetes resolver", () => {
  it("goes on from where an ended watch was, also after a bookmark, without a new list", async () => {
    const { server, resolver, dispose } = await opened();
    server.put("order", "a", slice(one));
    const seen = watched(resolver, "order");
    await seen.are(one);
    await until(() => server.watching === 1);
    server.bookmark();
    server.put("other", "x", slice(one));
    server.endWatches();
    await until(() => server.watches === 2);
    server.put("order", "a", slice(one, two));
    await seen.are(one, two);
    assert.equal(server.lists, 1);
    assert.deepEqual(server.resumed, [101, 102]);
    await dispose();
  });

  for (const where of ["in the stream", "at the start"])
    it(`lists anew when the history is gone: 410 ${where}`, async () => {
      const { server, resolver, dispose } = await opened();
      server.put("order", "a", slice(one));
      const seen = watched(resolver, "order");
      await seen.are(one);
      await until(() => server.watching === 1);
      if (where === "in the stream") server.endWatches({ code: 410, message: "too old" });
      else {
        server.endWatches();
        server.remove("a");
        server.put("order", "b", slice(two));
        server.compact();
      }
      if (where === "in the stream") server.put("order", "a", slice(two));
      await seen.are(two);
      assert.ok(server.lists >= 2);
      await dispose();
    });

  it("reads the token anew for each request", async () => {
    const { server, resolver, tokenFile, dispose } = await opened();
    server.put("order", "a", slice(one));
    const seen = watched(resolver, "order");
    await seen.are(one);
    server.token = "second";
    server.endWatches();
    assert.match((await seen.error()).message, /401/);
    writeFileSync(tokenFile, "second");
    await seen.are(one);
    await dispose();
  });

  it("reads a list of more than one page", async () => {
    const { server, resolver, dispose } = await opened();
    for (let i = 0; i < 250; i++)
      server.put("order", `s${i}`, slice(contractInstance(1, { id: `i${i}`, address: `ipv4:127.1.0.${i}:50051` })));
    const seen = watched(resolver, "order");
    await seen.until((event) => "instances" in event && event.instances.length === 250);
    assert.equal(server.lists, 3);
    await dispose();
  });

  for (const text of [
    "garbage\n",
    '{"type":"ADDED"}\n',
    '{"type":"ADDED","object":{"metadata":{},"endpoints":7}}\n',
    "[]\n",
  ])
    it(`survives ${JSON.stringify(text)} in a watch`, async () => {
      const { server, resolver, dispose } = await opened();
      server.put("order", "a", slice(one));
      const seen = watched(resolver, "order");
      await seen.are(one);
      await until(() => server.watching === 1);
      server.babble(text);
      server.put("order", "a", slice(one, two));
      await seen.are(one, two);
      await dispose();
    });

  it("an API server that ends every watch at once is asked less and less often", async () => {
    const clock = createFakeClock();
    const { server, settings, dispose } = await opened();
    const resolver = kubernetesResolver(settings, { clock, random: () => 1 });
    const seen = watched(resolver, "order");
    await seen.first();
    for (let round = 0; round < 8; round++) {
      await until(() => server.watching === 1);
      server.endWatches();
      // The pause before the next session is the only timer.
      await until(() => clock.pending === 1);
      await clock.advance(100 * 2 ** round - 1);
      assert.equal(server.watches, round + 1, `not before its time in round ${round}`);
      await clock.advance(1);
    }
    await resolver.close();
    await dispose();
  });
});

describe("an endpoint slice", () => {
  const reading = { port: "", releaseLabel: "release" };
  const read = (content: Record<string, unknown>) => instancesOf({ ...slice(), ...content } as never, reading);
  const conditions = (given: Record<string, unknown>) => read({ endpoints: [endpoint(one, { conditions: given })] })[0];

  it("says by its conditions who takes calls", () => {
    const is = (given: Record<string, unknown>) => {
      const { health, weight } = conditions(given) ?? {};
      return `${health} ${weight}`;
    };
    assert.equal(is({}), "up 100", "what is not said counts as ready");
    assert.equal(is({ ready: true, serving: true, terminating: false }), "up 100");
    assert.equal(is({ ready: false, serving: false }), "down 100");
    assert.equal(is({ ready: false, serving: true, terminating: true }), "up 0", "it drains");
    assert.equal(is({ ready: false, serving: false, terminating: true }), "down 100");
  });

  it("names port, release, zone, node and hints", () => {
    const both = [
      { name: "http", port: 8080 },
      { name: "grpc", port: 50051 },
    ];
    const hints = { forZones: [{ name: "hz-a" }, { name: "hz-b" }] };
    const content = {
      ports: both,
      metadata: { labels: { release: "canary" } },
      endpoints: [endpoint(one, { zone: "hz-a", nodeName: "n1", hints })],
    };
    const [found] = instancesOf(content as never, { port: "grpc", releaseLabel: "release" });
    const labels = { node: "n1", "for-zones": "hz-a,hz-b" };
    assert.deepEqual(found, contractInstance(1, { zone: "hz-a", version: "canary", labels }));
    assert.deepEqual(instancesOf(content as never, { port: "admin", releaseLabel: "release" }), []);
    assert.match(instancesOf(content as never, reading)[0]?.address ?? "", /:8080$/);
  });

  it("of names and not of addresses is no list of instances", () => {
    assert.deepEqual(read({ addressType: "FQDN", endpoints: [endpoint(one)] }), []);
  });
});

describe("inside a cluster", () => {
  it("the API server is where the environment says", () => {
    assert.equal(inCluster({}), undefined);
    const found = inCluster({ KUBERNETES_SERVICE_HOST: "10.0.0.1", KUBERNETES_SERVICE_PORT: "443" });
    assert.deepEqual(found?.endpoints, ["https://10.0.0.1:443"]);
    const six = inCluster({ KUBERNETES_SERVICE_HOST: "fd00::1", KUBERNETES_SERVICE_PORT: "443" });
    assert.deepEqual(six?.endpoints, ["https://[fd00::1]:443"]);
  });
});

async function until(holds: () => boolean): Promise<void> {
  for (let i = 0; i < 2000 && !holds(); i++) await new Promise((resolve) => setTimeout(resolve, 5));
  assert.ok(holds());
}
