import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { readPercent } from "./read-target.js";
import { reachesInstance, reachesTenant } from "./target.js";

const traits = (instance: string) => ({ instance, zone: "z1", release: "" });

test("a growing percentage keeps the instances that it had, and tenants likewise", () => {
  const percent = fc.integer({ min: 0, max: 10_000 }).map((hundredths) => hundredths / 100);
  fc.assert(
    fc.property(fc.string(), fc.string(), percent, percent, (rollout, member, a, b) => {
      const [less, more] = [Math.min(a, b), Math.max(a, b)];
      const reached = (share: number): boolean =>
        reachesInstance(rollout, { instances: { percent: share } }, traits(member));
      if (reached(less)) assert.ok(reached(more));
      const told = (share: number): boolean => reachesTenant(rollout, { tenants: { percent: share } }, member);
      if (told(less)) assert.ok(told(more));
    }),
  );
});

test("a percentage reaches about that part, nobody at 0 and everybody at 100, and each rollout others first", () => {
  const ids = Array.from({ length: 2000 }, (_, index) => `order-${index}`);
  const reached = (rollout: string, percent: number): string[] =>
    ids.filter((id) => reachesInstance(rollout, { instances: { percent } }, traits(id)));
  assert.equal(reached("a", 0).length, 0);
  assert.equal(reached("a", 100).length, 2000);
  const tenth = reached("a", 10).length;
  assert.ok(tenth > 150 && tenth < 250, `${tenth}`);
  assert.notDeepEqual(reached("a", 10), reached("b", 10));
});

test("everything that a target names must hold", () => {
  const names = (...all: string[]) => ({ names: new Set(all) });
  const target = { instances: names("a", "b"), zones: new Set(["z1"]), release: "stable" };
  assert.equal(reachesInstance("r", target, traits("a")), true);
  assert.equal(reachesInstance("r", target, traits("c")), false);
  assert.equal(reachesInstance("r", target, { ...traits("a"), zone: "z2" }), false);
  assert.equal(reachesInstance("r", target, { ...traits("a"), release: "canary" }), false);
  assert.equal(reachesTenant("r", {}, "acme"), false);
});

test("percentages are written from 0% to 100%", () => {
  assert.deepEqual(["0%", "0.5%", "99.99%", "100%"].map(readPercent), [0, 0.5, 99.99, 100]);
  for (const text of ["", "10", "101%", "100.01%", "-1%", "1.234%", "x%"])
    assert.equal(readPercent(text), undefined, text);
});
