import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { TenantShares } from "./tenant-shares.js";

const policy = { ratePerSecond: 1000, burst: 100, weights: new Map<string, number>(), activeMs: 1000, maxTenants: 100 };

/** Calls that pass, by tenant, when each calls so often a second. */
function play(shares: TenantShares, loads: Readonly<Record<string, number>>, fromMs: number, untilMs: number) {
  const passed = new Map<string, number>();
  const due = new Map(Object.keys(loads).map((tenant) => [tenant, fromMs]));
  for (let now = fromMs; now < untilMs; now += 0.1) {
    for (const [tenant, rate] of Object.entries(loads)) {
      while ((due.get(tenant) as number) <= now) {
        due.set(tenant, (due.get(tenant) as number) + 1000 / rate);
        if (shares.take(tenant, now) === 0) passed.set(tenant, (passed.get(tenant) ?? 0) + 1);
      }
    }
  }
  return (tenant: string): number => passed.get(tenant) ?? 0;
}

test("one tenant alone has the whole rate", () => {
  const passed = play(new TenantShares(policy), { noisy: 5000 }, 0, 5000);
  assert.ok(passed("noisy") >= 4950 && passed("noisy") <= 5102, `${passed("noisy")}`);
});

test("a tenant that saved up the burst and went quiet does not keep newcomers from it", () => {
  const shares = new TenantShares({ ...policy, ratePerSecond: 500, burst: 500, activeMs: 2000 });
  play(shares, { early: 100 }, 0, 200);
  const passed = play(shares, { late: 100 }, 400, 900);
  assert.equal(passed("late"), 50);
});

test("a noisy tenant does not take what a quiet one asks for, and gets what is left", () => {
  const shares = new TenantShares(policy);
  play(shares, { noisy: 10_000 }, 0, 1000);
  const passed = play(shares, { noisy: 10_000, quiet: 200 }, 1000, 6000);
  assert.ok(passed("quiet") >= 995, `quiet ${passed("quiet")}`);
  assert.ok(passed("noisy") >= 3930 && passed("noisy") <= 4100, `noisy ${passed("noisy")}`);
});

test("contending tenants share by weight", () => {
  const shares = new TenantShares({ ...policy, weights: new Map([["gold", 3]]) });
  const passed = play(shares, { gold: 5000, iron: 5000, mud: 20_000 }, 0, 10_000);
  const total = passed("gold") + passed("iron") + passed("mud");
  assert.ok(total >= 9900 && total <= 10_110, `${total}`);
  assert.ok(Math.abs(passed("gold") / total - 0.6) < 0.02, `gold ${passed("gold")}`);
  assert.ok(Math.abs(passed("iron") / total - 0.2) < 0.02, `iron ${passed("iron")}`);
});

test("a tenant that stops calling gives its share to the others", () => {
  const shares = new TenantShares(policy);
  play(shares, { a: 5000, b: 5000 }, 0, 2000);
  play(shares, { a: 5000 }, 2000, 3500);
  assert.equal(shares.active, 1);
  const passed = play(shares, { a: 5000 }, 3500, 4500);
  assert.ok(passed("a") >= 980, `${passed("a")}`);
});

test("beyond the bound of tenants, newcomers have one share together", () => {
  const shares = new TenantShares({ ...policy, maxTenants: 2 });
  play(shares, { a: 5000, b: 5000 }, 0, 500);
  const passed = play(shares, { a: 5000, b: 5000, c: 5000, d: 5000 }, 500, 5500);
  assert.equal(shares.active, 3);
  assert.ok(Math.abs(passed("c") + passed("d") - passed("a")) < 250, `${passed("c")} ${passed("d")} ${passed("a")}`);
  assert.ok(passed("a") >= 1550);
});

test("with k backlogged tenants each gets its k-th, and together no more than rate·t + burst", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 12 }),
      fc.integer({ min: 200, max: 2000 }),
      fc.integer({ min: 1, max: 200 }),
      (tenants, ratePerSecond, burst) => {
        const shares = new TenantShares({ ...policy, ratePerSecond, burst });
        const loads = Object.fromEntries(
          Array.from({ length: tenants }, (_, i) => [`t${i}`, ratePerSecond * (1 + (i % 3))]),
        );
        const passed = play(shares, loads, 0, 3000);
        let total = 0;
        for (let i = 0; i < tenants; i++) total += passed(`t${i}`);
        assert.ok(total <= ratePerSecond * 3.01 + Math.max(burst, tenants) + 1, `${total}`);
        for (let i = 0; i < tenants; i++) {
          assert.ok(
            passed(`t${i}`) >= 0.9 * ((ratePerSecond * 3) / tenants) - 2,
            `t${i}: ${passed(`t${i}`)} of ${total}`,
          );
        }
      },
    ),
    { numRuns: 15 },
  );
});
