// needs: etcd
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import type { Resolver } from "@sampan/core/ports";
import { EtcdClient } from "@sampan/engines";
import { contractInstance, type WatchedInstances, watched } from "@sampan/testkit";
import { EtcdCluster } from "./etcd/etcd-cluster.fixture.js";
import { etcdResolver } from "./etcd/resolver.js";
import { MemoryRegistry } from "./memory/memory-registry.js";
import { memoryRegistrar } from "./memory/registrar.js";
import { memoryResolver } from "./memory/resolver.js";

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

const size = 1000;
const rounds = 12;
const warmUp = 4;
/** Far less than one set of instances weighs, were it kept in each round (about 400 KB). */
const slackBytes = 1_000_000;

/** Instances of one round: all of another id than in the round before. */
function instances(round: number) {
  return Array.from({ length: size }, (_, i) =>
    contractInstance(1, { id: `r${round}-i${i}`, address: `ipv4:127.0.9.1:${i + 1}`, labels: { round: `${round}` } }),
  );
}

async function heap(): Promise<number> {
  for (let i = 0; i < 3; i++) {
    await new Promise((resolve) => setImmediate(resolve));
    collect();
  }
  return process.memoryUsage().heapUsed;
}

/** Replaces every instance, round after round, and looks at the heap. */
async function churn(seen: WatchedInstances, replace: (round: number) => Promise<void>): Promise<number[]> {
  const heaps: number[] = [];
  for (let round = 0; round < rounds; round++) {
    await replace(round);
    const arrived = `r${round}-`;
    await seen.until(
      (event) =>
        "instances" in event &&
        event.instances.length === size &&
        event.instances.every(({ id }) => id.startsWith(arrived)),
      `round ${round}`,
    );
    seen.forget();
    heaps.push(await heap());
  }
  return heaps;
}

function assertFlat(heaps: readonly number[]): void {
  const settled = heaps[warmUp] ?? 0;
  assert.ok((heaps.at(-1) ?? 0) - settled < slackBytes, `grew: ${heaps.map(megabytes).join(", ")}`);
}

const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(2)} MB`;

describe("a thousand instances that are replaced again and again", () => {
  const check = async (resolver: Resolver, replace: (round: number) => Promise<void>, say: (line: string) => void) => {
    const heaps = await churn(watched(resolver, "order"), replace);
    say(`heap after each round: ${heaps.map(megabytes).join(", ")}`);
    assertFlat(heaps);
  };

  it("leave nothing behind with the registry in this process", async (t) => {
    const registry = new MemoryRegistry();
    const own = memoryRegistrar(registry);
    const resolver = memoryResolver(registry);
    let before: { close(): Promise<void> }[] = [];
    await check(
      resolver,
      async (round) => {
        const next = await Promise.all(instances(round).map((each) => own.register("order", each)));
        await Promise.all(before.map((each) => each.close()));
        before = next;
      },
      (line) => t.diagnostic(line),
    );
    await Promise.all([own.close(), resolver.close()]);
  });

  it("leave nothing behind with etcd", async (t) => {
    const cluster = await EtcdCluster.start(1);
    const settings = { endpoints: cluster.endpoints };
    const client = new EtcdClient(settings);
    const resolver = etcdResolver(settings);
    const folder = "/sampan/default/services/order/";
    await check(
      resolver,
      async (round) => {
        for (let at = 0; at < size; at += 100)
          await Promise.all(
            instances(round)
              .slice(at, at + 100)
              .map(async (each, i) => {
                await client.put(folder + each.id, JSON.stringify(each));
                if (round > 0) await client.delete(`${folder}r${round - 1}-i${at + i}`);
              }),
          );
      },
      (line) => t.diagnostic(line),
    );
    client.close();
    await resolver.close();
    await cluster.stop();
  });
});
