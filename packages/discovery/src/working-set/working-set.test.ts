import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Code, RpcError } from "@sampan/core";
import type { Instance } from "@sampan/core/ports";
import fc from "fast-check";
import { instance } from "../instances.fixture.js";
import { checkInstance, instanceLimits } from "./check-instance.js";
import { WorkingSet } from "./working-set.js";

const ids = (set: WorkingSet) => set.state.instances.map(({ id }) => id);
const broken = { error: new RpcError(Code.Unavailable, "no answer") };

describe("working set", () => {
  it("keeps the last good set, and its age, when the registry fails or says that there is nobody", () => {
    const set = new WorkingSet();
    assert.equal(set.take({ instances: [instance("a1")] }, 10), true);
    assert.equal(set.take(broken, 20), false);
    assert.deepEqual(ids(set), ["a1"]);
    assert.equal(set.state.stale, broken.error);
    assert.equal(set.state.freshAt, 10);
    assert.equal(set.take({ instances: [] }, 30), false);
    assert.equal(set.state.stale, "empty");
    assert.equal(set.take({ instances: [instance("a1")] }, 40), false);
    assert.equal(set.state.stale, undefined);
    assert.equal(set.state.freshAt, 40);
  });

  it("believes an empty answer after the time it was told to wait", () => {
    const set = new WorkingSet({ believeEmptyAfterMs: 1000 });
    set.take({ instances: [instance("a1")] }, 0);
    set.take({ instances: [] }, 100);
    set.take({ instances: [] }, 1099);
    assert.deepEqual(ids(set), ["a1"]);
    assert.equal(set.take({ instances: [] }, 1100), true);
    assert.deepEqual(ids(set), []);
  });

  it("leaves out what is not valid, twice there or too many, and uses the rest", () => {
    const set = new WorkingSet({ maxInstances: 3 });
    const instances = [
      instance("a1"),
      instance("a1", { address: "ipv4:10.0.0.9:9" }),
      instance("a2", { address: instance("a1").address }),
      instance("a3", { address: "no port" }),
      instance("a4"),
      instance("a5"),
      instance("a6"),
    ];
    set.take({ instances }, 0);
    assert.deepEqual(ids(set), ["a1", "a4", "a5"]);
    assert.equal(set.state.rejected, 4);
    assert.match(set.state.rejectedWhy, /a1 is there twice/);
  });

  it("does not call a shuffled answer a change", () => {
    const set = new WorkingSet();
    set.take({ instances: [instance("a1"), instance("a2")] }, 0);
    const before = set.state.instances;
    assert.equal(set.take({ instances: [instance("a2"), instance("a1")] }, 1), false);
    assert.equal(set.state.instances, before);
    assert.equal(set.take({ instances: [instance("a2", { labels: { tier: "b" } }), instance("a1")] }, 2), true);
  });

  it("survives any entry at all", () => {
    const value = fc.oneof(fc.anything(), fc.string(), fc.constant("ipv4:1.2.3.4:80"));
    const entry = fc.record({
      id: value,
      address: value,
      zone: value,
      weight: value,
      version: value,
      labels: value,
      health: value,
    });
    fc.assert(
      fc.property(fc.array(entry), (entries) => {
        const set = new WorkingSet();
        set.take({ instances: [instance("good"), ...(entries as unknown as Instance[])] }, 0);
        assert.ok(ids(set).includes("good"));
        for (const each of set.state.instances) assert.equal(checkInstance(each), undefined);
      }),
    );
  });
});

describe("an instance", () => {
  const limits: readonly [string, Partial<Instance>, Partial<Instance>][] = [
    ["id", { id: "x".repeat(instanceLimits.idLength) }, { id: "x".repeat(instanceLimits.idLength + 1) }],
    ["zone", { zone: "x".repeat(instanceLimits.zoneLength) }, { zone: "x".repeat(instanceLimits.zoneLength + 1) }],
    ["version", { version: "x".repeat(128) }, { version: "x".repeat(129) }],
    ["weight", { weight: 1000 }, { weight: 1001 }],
    ["weight above 0", { weight: 0 }, { weight: -1 }],
    ["port", { address: "ipv4:10.0.0.1:65535" }, { address: "ipv4:10.0.0.1:65536" }],
    ["unix", { address: "unix:/run/a.sock" }, { address: "unix:" }],
    ["ipv6", { address: "ipv6:[::1]:80" }, { address: "ipv6:[::1" }],
    ["name", { address: "dns:///order.shop.svc:80" }, { address: "dns:///or der:80" }],
    ["text", { zone: "北京" }, { zone: "a\nb" }],
    [
      "labels",
      { labels: Object.fromEntries(Array.from({ length: 64 }, (_, i) => [`k${i}`, ""])) },
      { labels: Object.fromEntries(Array.from({ length: 65 }, (_, i) => [`k${i}`, ""])) },
    ],
  ];
  for (const [what, good, bad] of limits)
    it(`is checked on both sides of the limit: ${what}`, () => {
      assert.equal(checkInstance(instance("a", good)), undefined);
      assert.match(checkInstance(instance("a", bad)) ?? "", /\w/);
    });
});
