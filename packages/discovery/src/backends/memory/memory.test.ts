import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { contractInstance, createFakeClock, registryContract, watched } from "@sampan/testkit";
import { MemoryRegistry } from "./memory-registry.js";
import { memoryRegistrar } from "./registrar.js";
import { memoryResolver } from "./resolver.js";

registryContract("memory", { registers: true, forgets: true }, async () => {
  const registry = new MemoryRegistry();
  const registrar = memoryRegistrar(registry, { ttlMs: 300 });
  const resolver = memoryResolver(registry, { restarts: { minRefreshMs: 1 } });
  return {
    registrar,
    resolver,
    forget: async () => registry.clear(),
    dispose: async () => {
      await registrar.close();
      await resolver.close();
    },
  };
});

describe("memory registry", () => {
  it("forgets an instance whose lease is not renewed within its time, and not before", async () => {
    const clock = createFakeClock();
    const registry = new MemoryRegistry({ clock });
    const lease = registry.announce("order", contractInstance(1), 1000) ?? 0;
    await clock.advance(900);
    assert.equal(registry.renew(lease), true);
    await clock.advance(999);
    assert.equal(registry.instances("order").length, 1);
    await clock.advance(1);
    assert.equal(registry.instances("order").length, 0);
    assert.equal(registry.renew(lease), false);
    assert.equal(registry.replace(lease, contractInstance(1)), false);
    assert.equal(clock.pending, 0);
  });

  it("takes as many instances as it may hold and no more", async () => {
    const registry = new MemoryRegistry({ clock: createFakeClock(), maxInstances: 2 });
    assert.ok(registry.announce("order", contractInstance(1), 1000));
    const second = registry.announce("order", contractInstance(2), 1000) ?? 0;
    assert.equal(registry.announce("order", contractInstance(3), 1000), undefined);
    assert.ok(registry.announce("order", contractInstance(1), 1000), "the same instance again");
    registry.drop(second);
    assert.ok(registry.announce("order", contractInstance(3), 1000));
  });

  it("an older lease of an instance that came again takes nothing out", async () => {
    const registry = new MemoryRegistry({ clock: createFakeClock() });
    const old = registry.announce("order", contractInstance(1), 1000) ?? 0;
    registry.announce("order", contractInstance(1, { weight: 5 }), 1000);
    registry.drop(old);
    assert.equal(registry.instances("order")[0]?.weight, 5);
  });

  it("holds nothing of services that are gone", async () => {
    const clock = createFakeClock();
    const registry = new MemoryRegistry({ clock });
    const resolver = memoryResolver(registry);
    const seen = watched(resolver, "order");
    await seen.first();
    for (let i = 0; i < 100; i++) registry.drop(registry.announce(`s${i}`, contractInstance(1), 1000) ?? 0);
    seen.close();
    await resolver.close();
    assert.equal(clock.pending, 0);
  });
});
