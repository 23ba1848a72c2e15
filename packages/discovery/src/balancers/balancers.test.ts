import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { seededRandom } from "@sampan/testkit";
import { anyone, counts, endpoint } from "../instances.fixture.js";
import { type BalancerName, balancers } from "./index.js";

const names = Object.keys(balancers) as BalancerName[];
const byWeight: readonly BalancerName[] = [
  "smooth-weighted",
  "weighted-random",
  "least-in-flight",
  "response-time",
  "power-of-two",
];

for (const name of names) {
  describe(`balancer contract: ${name}`, () => {
    const make = () => balancers[name](seededRandom(7));
    const key = (i: number) => ({ key: `user-${i}`, client: `10.1.${i >> 8}.${i & 255}` });

    it("picks nobody from an empty list, before and after there was somebody", () => {
      const balancer = make();
      assert.equal(balancer.pick(anyone, 0), undefined);
      balancer.update([endpoint("a1")], 0);
      balancer.update([], 1);
      assert.equal(balancer.pick(anyone, 1), undefined);
    });

    it("picks the only one", () => {
      const balancer = make();
      balancer.update([endpoint("a1")], 0);
      for (let i = 0; i < 10; i++) assert.equal(balancer.pick(key(i), 0)?.instance.id, "a1");
    });

    it("uses every endpoint, each about as much as its equals", () => {
      const balancer = make();
      const list = Array.from({ length: 5 }, (_, i) => endpoint(`a${i}`));
      balancer.update(list, 0);
      let i = 0;
      const found = counts(5000, () => {
        const picked = balancer.pick(key(i++), 0);
        return picked;
      });
      for (const { instance } of list) {
        const share = (found.get(instance.id) ?? 0) / 1000;
        assert.ok(share > 0.7 && share < 1.3, `${instance.id} has ${share} of its share`);
      }
    });

    it("forgets who has gone and uses who has come", () => {
      const balancer = make();
      balancer.update([endpoint("a1"), endpoint("a2"), endpoint("a3")], 0);
      for (let i = 0; i < 7; i++) balancer.pick(key(i), 0);
      balancer.update([endpoint("a3"), endpoint("a4")], 1);
      let i = 0;
      const found = counts(400, () => balancer.pick(key(i++), 1));
      assert.deepEqual([...found.keys()].sort(), ["a3", "a4"]);
    });

    it("stays with the list through a thousand changes of it", () => {
      const balancer = make();
      const draw = seededRandom(3);
      let list = [endpoint("a0")];
      for (let round = 0; round < 1000; round++) {
        const at = Math.floor(draw() * list.length);
        list = draw() < 0.5 && list.length > 1 ? list.toSpliced(at, 1) : [...list, endpoint(`a${round + 1}`)];
        balancer.update(list, round);
        const picked = balancer.pick(key(round), round);
        assert.ok(list.some((each) => each === picked));
      }
    });

    if (byWeight.includes(name)) {
      it("gives twice the weight about twice the calls", () => {
        const balancer = make();
        const list = [endpoint("a1"), endpoint("a2"), endpoint("a3", { weight: 200 })];
        balancer.update(list, 0);
        // Each call stays for a while, as those that look at calls in flight need it.
        const open: (typeof list)[number][] = [];
        const found = counts(4000, () => {
          const picked = balancer.pick(anyone, 0) as (typeof list)[number];
          picked.inFlight++;
          open.push(picked);
          if (open.length > 40) (open.shift() as (typeof list)[number]).inFlight--;
          picked.ewmaMs = 10;
          return picked;
        });
        const share = (found.get("a3") ?? 0) / 2000;
        assert.ok(share > 0.85 && share < 1.15, `a3 has ${share} of its share`);
      });
    }
  });
}

describe("balancers that look at the load", () => {
  for (const name of ["least-in-flight", "power-of-two", "response-time"] as const) {
    it(`${name} keeps away from the slow one`, () => {
      const balancer = balancers[name](seededRandom(5));
      const list = [
        endpoint("slow", { ewmaMs: 500, inFlight: 50 }),
        ...["b1", "b2", "b3"].map((id) => endpoint(id, { ewmaMs: 5, inFlight: 1 })),
      ];
      balancer.update(list, 0);
      const found = counts(1000, () => balancer.pick(anyone, 0));
      assert.ok((found.get("slow") ?? 0) < 30, `slow got ${found.get("slow")}`);
    });
  }

  it("power-of-two tries an endpoint it knows nothing of, and waits for what comes of it", () => {
    const balancer = balancers["power-of-two"](seededRandom(5));
    const fresh = endpoint("new");
    balancer.update([endpoint("old", { ewmaMs: 5 }), fresh], 0);
    assert.equal(balancer.pick(anyone, 0)?.instance.id, "new");
    fresh.inFlight = 1;
    assert.equal(balancer.pick(anyone, 0)?.instance.id, "old");
  });
});

describe("smooth-weighted", () => {
  it("never lets anyone be more than one turn ahead of its share or behind it", () => {
    const balancer = balancers["smooth-weighted"](seededRandom(1));
    const list = [endpoint("a", { weight: 500 }), endpoint("b", { weight: 100 }), endpoint("c", { weight: 100 })];
    balancer.update(list, 0);
    const had = new Map<string, number>();
    for (let i = 1; i <= 700; i++) {
      const id = balancer.pick(anyone, 0)?.instance.id as string;
      had.set(id, (had.get(id) ?? 0) + 1);
      for (const each of list) {
        const fair = (i * each.weight) / 700;
        assert.ok(Math.abs((had.get(each.instance.id) ?? 0) - fair) <= 1.01, `${each.instance.id} after ${i}`);
      }
    }
  });

  it("does not begin anew when a weight changes: nobody is served twice in a row for it", () => {
    const balancer = balancers["smooth-weighted"](() => 0);
    const list = ["a", "b", "c"].map((id) => endpoint(id));
    balancer.update(list, 0);
    const order: string[] = [];
    for (let i = 0; i < 30; i++) {
      order.push(balancer.pick(anyone, 0)?.instance.id as string);
      for (const each of list) each.weight += 1;
      balancer.update(list, 0);
    }
    for (let i = 1; i < order.length; i++) assert.notEqual(order[i], order[i - 1]);
  });
});

describe("hash balancers", () => {
  const keys = Array.from({ length: 2000 }, (_, i) => ({ key: `user-${i}`, client: `10.0.${i >> 8}.${i & 255}` }));
  for (const name of ["consistent-hash", "ip-hash"] as const) {
    it(`${name} sends a key to the same endpoint, and moves few when one goes`, () => {
      const balancer = balancers[name](seededRandom(2));
      const list = Array.from({ length: 10 }, (_, i) => endpoint(`a${i}`));
      balancer.update(list, 0);
      const before = keys.map((hints) => balancer.pick(hints, 0)?.instance.id);
      assert.deepEqual(
        keys.map((hints) => balancer.pick(hints, 0)?.instance.id),
        before,
      );
      balancer.update(
        list.filter(({ instance }) => instance.id !== "a4"),
        1,
      );
      keys.forEach((hints, i) => {
        const now = balancer.pick(hints, 1)?.instance.id;
        if (before[i] !== "a4") assert.equal(now, before[i]);
        else assert.notEqual(now, "a4");
      });
    });
  }

  it("consistent-hash passes on what is above the bounded share", () => {
    const balancer = balancers["consistent-hash"](seededRandom(2));
    const list = Array.from({ length: 4 }, (_, i) => endpoint(`a${i}`));
    balancer.update(list, 0);
    const hot = { key: "everybody", client: "" };
    for (let i = 0; i < 100; i++) {
      const picked = balancer.pick(hot, 0) as (typeof list)[number];
      picked.inFlight++;
      for (const each of list) assert.ok(each.inFlight <= Math.ceil((1.25 * (i + 1)) / 4), `${each.inFlight} of ${i}`);
    }
  });
});
