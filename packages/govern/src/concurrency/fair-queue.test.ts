import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { FairQueue, type Waiter } from "./fair-queue.js";

test("tenants take turns, and each has its oldest call first", () => {
  const queue = new FairQueue(10, 4);
  const name = new Map<Waiter, string>();
  for (const [tenant, text] of [
    ["a", "a1"],
    ["a", "a2"],
    ["a", "a3"],
    ["b", "b1"],
    ["c", "c1"],
    ["b", "b2"],
  ] as const) {
    const waiter = queue.waiter(2, tenant);
    name.set(waiter, text);
    assert.equal(queue.join(waiter, 0), undefined);
  }
  const order = Array.from({ length: 6 }, () => name.get(queue.shift() as Waiter));
  assert.deepEqual(order, ["a1", "b1", "c1", "a2", "b2", "a3"]);
  assert.equal(queue.shift(), undefined);
});

test("the more important class goes first", () => {
  const queue = new FairQueue(10, 4);
  for (const rank of [3, 1, 0, 2]) queue.join(queue.waiter(rank, "a"), 0);
  assert.deepEqual([queue.shift()?.rank, queue.shift()?.rank, queue.shift()?.rank, queue.shift()?.rank], [0, 1, 2, 3]);
});

test("weights give more turns, fractions too", () => {
  const queue = new FairQueue(
    1000,
    1,
    new Map([
      ["gold", 3],
      ["mud", 0.5],
    ]),
  );
  for (let i = 0; i < 200; i++) for (const tenant of ["gold", "iron", "mud"]) queue.join(queue.waiter(0, tenant), 0);
  const turns: Record<string, number> = { gold: 0, iron: 0, mud: 0 };
  for (let i = 0; i < 90; i++) {
    const { tenant } = queue.shift() as Waiter;
    turns[tenant] = (turns[tenant] as number) + 1;
  }
  assert.deepEqual(turns, { gold: 60, iron: 20, mud: 10 });
});

test("a full queue pushes out the newest of the longest lane, or refuses the newcomer", () => {
  const queue = new FairQueue(3, 4);
  const flood = Array.from({ length: 3 }, () => queue.waiter(2, "noisy"));
  for (const each of flood) queue.join(each, 0);
  const fourth = queue.waiter(2, "noisy");
  assert.equal(queue.join(fourth, 0), fourth, "the flood cannot push out itself");
  assert.equal(queue.join(queue.waiter(2, "quiet"), 0), flood[2]);
  const second = queue.waiter(2, "quiet");
  assert.equal(queue.join(second, 0), second, "two and one are as fair as one and two");
  const low = queue.waiter(3, "other");
  assert.equal(queue.join(low, 0), low);
  assert.equal(queue.join(queue.waiter(0, "pay"), 0), flood[1], "the important pushes out the unimportant");
  assert.equal(queue.size, 3);
});

test("cancelling takes one out and leaves the order of the others", () => {
  const queue = new FairQueue(10, 1);
  const all = ["a", "a", "b", "a"].map((tenant) => queue.waiter(0, tenant)) as [Waiter, Waiter, Waiter, Waiter];
  for (const [i, each] of all.entries()) queue.join(each, i);
  queue.cancel(all[0]);
  queue.cancel(all[0]);
  queue.cancel(all[2]);
  assert.equal(queue.oldest, all[1]);
  assert.deepEqual([queue.shift(), queue.shift(), queue.shift()], [all[1], all[3], undefined]);
  assert.equal(queue.oldest, undefined);
});

test("whatever joins, leaves and starts, the queue is a queue", () => {
  const step = fc.tuple(fc.constantFrom("join", "shift", "cancel"), fc.nat(3), fc.nat(2), fc.nat(30));
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 6 }), fc.array(step, { maxLength: 200 }), (capacity, steps) => {
      const queue = new FairQueue(capacity, 3);
      // The model: who waits, oldest first.
      let waits: Waiter[] = [];
      for (const [what, tenant, rank, pick] of steps) {
        if (what === "join") {
          const waiter = queue.waiter(rank, `t${tenant}`);
          const out = queue.join(waiter, 0);
          if (out !== waiter) waits.push(waiter);
          if (out !== undefined) {
            assert.equal(waits.length >= capacity, true, "nobody leaves a queue with room");
            assert.ok(out.rank >= waiter.rank);
            waits = waits.filter((each) => each !== out);
          }
        } else if (what === "shift") {
          const next = queue.shift();
          const best = Math.min(...waits.map((each) => each.rank));
          if (next === undefined) assert.equal(waits.length, 0);
          else {
            assert.equal(next.rank, best);
            assert.equal(
              next,
              waits.find((each) => each.tenant === next.tenant && each.rank === next.rank),
            );
            waits = waits.filter((each) => each !== next);
          }
        } else {
          const waiter = waits[pick % Math.max(1, waits.length)];
          if (waiter !== undefined) queue.cancel(waiter);
          waits = waits.filter((each) => each !== waiter);
        }
        assert.equal(queue.size, waits.length);
        assert.ok(queue.size <= capacity);
        assert.equal(queue.oldest, waits[0]);
      }
    }),
  );
});

test("of k tenants that always wait each gets every k-th turn", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 10 }), fc.integer({ min: 1, max: 200 }), (tenants, turns) => {
      const queue = new FairQueue(1000, 1);
      const got = new Map<string, number>();
      for (let i = 0; i < tenants; i++) for (let j = 0; j < 2 + i * 5; j++) queue.join(queue.waiter(0, `t${i}`), 0);
      for (let i = 0; i < turns; i++) {
        const { tenant } = queue.shift() as Waiter;
        got.set(tenant, (got.get(tenant) ?? 0) + 1);
        queue.join(queue.waiter(0, tenant), 0);
      }
      for (let i = 0; i < tenants; i++) {
        const share = turns / tenants;
        assert.ok(Math.abs((got.get(`t${i}`) ?? 0) - share) < 1, `${got.get(`t${i}`)} of ${share}`);
      }
    }),
  );
});
