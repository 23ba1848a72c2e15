import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { seededRandom } from "@sampan/testkit";
import fc from "fast-check";
import { anyone, counts, instance } from "../instances.fixture.js";
import { Cluster } from "./cluster.js";
import type { EndpointState } from "./endpoint-state.js";

const cluster = (options: ConstructorParameters<typeof Cluster>[0] = {}) =>
  new Cluster({ random: seededRandom(11), balancer: "round-robin", ...options });
const ids = (list: readonly EndpointState[]) => list.map((each) => each.instance.id);

describe("cluster", () => {
  it("keeps what it knows of an instance while its id stays, and says who is gone", () => {
    const made = cluster();
    made.update([instance("a1"), instance("a2")], 0);
    const [a1] = made.endpoints as [EndpointState];
    a1.started();
    const change = made.update([instance("a1", { weight: 50 }), instance("a3")], 5);
    assert.equal(change.endpoints[0], a1);
    assert.equal(a1.inFlight, 1);
    assert.equal(a1.instance.weight, 50);
    assert.deepEqual(ids(change.gone), ["a2"]);
  });

  it("takes an address that changed under the same id for another instance", () => {
    const made = cluster();
    made.update([instance("a1")], 0);
    const before = made.endpoints[0];
    const { gone } = made.update([instance("a1", { address: "ipv4:10.9.9.9:1" })], 1);
    assert.notEqual(made.endpoints[0], before);
    assert.deepEqual(gone, [before]);
  });

  it("sends nothing to what is down, overloaded or has no weight", () => {
    const made = cluster();
    made.update(
      [
        ...["a1", "a2", "a3", "a4"].map((id) => instance(id)),
        instance("b1", { health: "down" }),
        instance("b2", { health: "overloaded" }),
        instance("b3", { weight: 0 }),
      ],
      0,
    );
    assert.deepEqual([...counts(100, () => made.pick("", anyone, 0)).keys()].sort(), ["a1", "a2", "a3", "a4"]);
    assert.equal(made.panic, false);
  });

  it("uses all of them when fewer than half look up, and says so", () => {
    const made = cluster();
    made.update([instance("a1"), ...["b1", "b2"].map((id) => instance(id, { health: "down" }))], 0);
    assert.equal(made.panic, true);
    assert.equal(counts(90, () => made.pick("", anyone, 0)).size, 3);
    made.update([instance("a1"), instance("b1"), instance("b2", { health: "down" })], 0);
    assert.equal(made.panic, false);
  });

  it("routes a release tag to its instances, and to stable ones when there is none", () => {
    const made = cluster();
    made.update([instance("s1"), instance("s2"), instance("c1", { version: "canary" })], 0);
    assert.deepEqual([...counts(20, () => made.pick("canary", anyone, 0)).keys()], ["c1"]);
    assert.deepEqual([...counts(20, () => made.pick("", anyone, 0)).keys()].sort(), ["s1", "s2"]);
    assert.deepEqual([...counts(20, () => made.pick("unknown", anyone, 0)).keys()].sort(), ["s1", "s2"]);
    made.update([instance("s1"), instance("s2"), instance("c1", { version: "canary", health: "down" })], 0);
    assert.deepEqual([...counts(20, () => made.pick("canary", anyone, 0)).keys()].sort(), ["s1", "s2"]);
  });

  it("gives calls without a tag to whatever release there is when none is stable", () => {
    const made = cluster();
    made.update([instance("c1", { version: "canary" })], 0);
    assert.equal(made.pick("", anyone, 0)?.instance.id, "c1");
  });

  it("lets a new instance begin slowly, but not those that were there at the first look", () => {
    const made = cluster({ balancer: "smooth-weighted" });
    made.update([instance("a1")], 0);
    assert.equal(made.warming, false);
    made.update([instance("a1"), instance("a2")], 0);
    assert.equal(made.warming, true);
    const share = () => (counts(1100, () => made.pick("", anyone, 0)).get("a2") ?? 0) / 1100;
    assert.ok(Math.abs(share() - 0.1 / 1.1) < 0.02);
    made.refresh(15_000);
    assert.ok(Math.abs(share() - 0.55 / 1.55) < 0.02);
    made.refresh(30_000);
    assert.ok(Math.abs(share() - 0.5) < 0.02);
    assert.equal(made.warming, false);
  });

  it("keeps calls in their zone as far as the zone can carry them", () => {
    const made = cluster({ zone: "z1", balancer: "random" });
    const others = [instance("b1", { zone: "z2" }), instance("b2", { zone: "z2" })];
    made.update([instance("a1", { zone: "z1" }), instance("a2", { zone: "z1" }), ...others], 0);
    assert.deepEqual([...counts(200, () => made.pick("", anyone, 0)).keys()].sort(), ["a1", "a2"]);
    made.update([instance("a1", { zone: "z1" }), ...others], 0);
    const local = counts(3000, () => made.pick("", anyone, 0)).get("a1") ?? 0;
    assert.ok(Math.abs(local / 3000 - 2 / 3) < 0.05, `${local}`);
    made.update(others, 0);
    assert.equal(counts(200, () => made.pick("", anyone, 0)).size, 2);
  });

  it("uses a subset that is the caller's own and hardly moves", () => {
    const all = Array.from({ length: 100 }, (_, i) => instance(`a${i}`));
    const used = (caller: string, list = all) => {
      const made = cluster({ subsetSize: 10, caller });
      made.update(list, 0);
      return new Set(counts(1000, () => made.pick("", anyone, 0)).keys());
    };
    const mine = used("me");
    assert.equal(mine.size, 10);
    assert.notDeepEqual(mine, used("you"));
    const lost = [...mine][0];
    const after = used(
      "me",
      all.filter(({ id }) => id !== lost),
    );
    assert.equal([...mine].filter((id) => after.has(id)).length, 9);
    const load = new Map<string, number>();
    for (let i = 0; i < 200; i++) for (const id of used(`caller-${i}`)) load.set(id, (load.get(id) ?? 0) + 1);
    assert.ok(Math.max(...load.values()) < 45, "callers crowd together");
  });

  it("prefers others to those a call has failed at, and to those whose gate is closed", () => {
    const made = cluster();
    made.update([instance("a1"), instance("a2"), instance("a3")], 0);
    const [a1, a2, a3] = made.endpoints as [EndpointState, EndpointState, EndpointState];
    const gate = { healthy: (address: string) => address !== a2.instance.address };
    for (let i = 0; i < 10; i++) assert.equal(made.pick("", anyone, 0, [a1], gate), a3);
    assert.notEqual(made.pick("", anyone, 0, [a1, a2, a3], gate), undefined);
  });

  it("changes the balancer from one pick to the next", () => {
    const made = cluster();
    made.update([instance("a1"), instance("a2")], 0);
    made.balanceBy("consistent-hash", 0);
    const hints = { key: "k", client: "" };
    assert.equal(counts(20, () => made.pick("", hints, 0)).size, 1);
  });

  it("comes back to one that was slow after a while, and not before", () => {
    const made = cluster({ balancer: "power-of-two" });
    made.update([instance("fast"), instance("slow")], 0);
    const [fast, slow] = made.endpoints as [EndpointState, EndpointState];
    for (const [each, ms] of [
      [fast, 2],
      [slow, 300],
    ] as const) {
      each.started();
      each.ended(ms, true, 1000);
    }
    const fresh = (now: number) => {
      fast.started();
      fast.ended(2, true, now);
    };
    fresh(20_000);
    assert.equal(counts(50, () => made.pick("", anyone, 20_000)).has("slow"), false);
    fresh(60_000);
    assert.equal(made.pick("", anyone, 60_000), slow);
    slow.started();
    slow.ended(300, true, 60_300);
    assert.equal(made.pick("", anyone, 60_300), fast);
  });

  it("picks a member of the set whatever happens to it", () => {
    const step = fc.array(
      fc.record({
        id: fc.integer({ min: 0, max: 12 }).map((n) => `a${n}`),
        health: fc.constantFrom("up", "down", "overloaded", "unknown" as const),
        weight: fc.constantFrom(0, 1, 100),
        version: fc.constantFrom("", "canary"),
        zone: fc.constantFrom("", "z1", "z2"),
      }),
      { maxLength: 12 },
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 8 }), fc.integer({ min: 0, max: 4 }), (steps, subsetSize) => {
        const made = cluster({ zone: "z1", balancer: "power-of-two", subsetSize, caller: "me" });
        let now = 0;
        for (const raw of steps) {
          const set = [...new Map(raw.map((each) => [each.id, instance(each.id, each)])).values()];
          made.update(set, (now += 3000));
          const picked = made.pick("canary", anyone, now);
          const willing = set.filter(({ weight }) => weight > 0);
          assert.equal(picked === undefined, willing.length === 0);
          if (picked !== undefined) assert.ok(willing.includes(picked.instance));
        }
      }),
    );
  });
});
