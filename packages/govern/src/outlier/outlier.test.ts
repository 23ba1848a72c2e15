import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { createFakeClock } from "@sampan/testkit";
import fc from "fast-check";
import { clientWith, guardFor } from "../client.fixture.js";
import { makeOutlier, OutlierDetector, type OutlierPolicy, outlierSection } from "./index.js";
import { standsOut } from "./success-rates.js";

const policy: OutlierPolicy = {
  consecutiveFailures: 3,
  stdevFactor: 1.9,
  minimumRequests: 10,
  minimumEndpoints: 5,
  intervalMs: 1000,
  ejectionMs: 100,
  maxEjectionMs: 250,
  maxEjectedRatio: 0.5,
  probationMs: 50,
  maxEndpoints: 20,
};

function detector(change: Partial<OutlierPolicy> = {}, hosts = ["a", "b", "c", "d", "e", "f"]) {
  const ejected: string[] = [];
  const made = new OutlierDetector({ ...policy, ...change }, (address, why, ms) =>
    ejected.push(`${address} ${why} ${ms}`),
  );
  const tell = (address: string, ok: boolean, now: number, times = 1) => {
    for (let i = 0; i < times; i++) made.outcome(address, ok, 1, now);
  };
  for (const host of hosts) tell(host, true, 0);
  return { made, ejected, tell };
}

describe("what ejects", () => {
  test("failures in a row, not failures with successes between them", () => {
    const { made, ejected, tell } = detector();
    tell("a", false, 0, 2);
    tell("a", true, 0);
    tell("a", false, 0, 2);
    assert.equal(made.healthy("a", 0), true);
    tell("a", false, 0);
    assert.equal(made.healthy("a", 0), false);
    assert.equal(made.healthy("b", 0), true);
    assert.deepEqual(ejected, ["a consecutive-failures 100"]);
  });

  test("a success rate that stands out from the others, at the end of the interval", () => {
    const { ejected, tell } = detector({ consecutiveFailures: 0 });
    for (const host of ["a", "b", "c", "d", "e"]) tell(host, true, 10, 20);
    tell("f", true, 10, 10);
    tell("f", false, 10, 10);
    assert.deepEqual(ejected, []);
    tell("a", true, 1000);
    assert.deepEqual(ejected, ["f success-rate 100"]);
  });

  test("too few calls or too few endpoints compare nothing", () => {
    assert.deepEqual(standsOut([1, 1, 1, 0], policy), [false, false, false, false]);
    assert.deepEqual(standsOut([1, 1, 1, 1, 1, 0], policy), [false, false, false, false, false, true]);
    assert.deepEqual(standsOut([0.5, 0.5, 0.5, 0.5, 0.5], policy), [false, false, false, false, false]);
    const { ejected, tell } = detector({ consecutiveFailures: 0, minimumRequests: 100 });
    tell("f", false, 10, 50);
    tell("a", true, 1000);
    assert.deepEqual(ejected, []);
  });

  test("a share of failures, the worst first when not all may go", () => {
    const { ejected, tell } = detector({
      consecutiveFailures: 0,
      stdevFactor: 0,
      errorRatio: 0.5,
      maxEjectedRatio: 0.2,
    });
    for (const [host, bad] of [
      ["a", 12],
      ["b", 20],
      ["c", 9],
    ] as const) {
      tell(host, false, 10, bad);
      tell(host, true, 10, 20 - bad);
    }
    tell("d", true, 1000);
    assert.deepEqual(ejected, ["b error-ratio 100"]);
  });
});

describe("how long and how many", () => {
  test("each ejection is longer than the last, up to the longest, and good intervals are forgiven", () => {
    const { made, ejected, tell } = detector({ probationMs: 0, intervalMs: 100_000 });
    for (const now of [0, 100, 300, 550]) tell("a", false, now, 3);
    assert.deepEqual(
      ejected.map((each) => each.split(" ")[2]),
      ["100", "200", "250", "250"],
    );
    assert.equal(made.healthy("a", 799), false);
    assert.equal(made.healthy("a", 800), true);
    const quiet = detector({ probationMs: 0 });
    quiet.tell("a", false, 0, 3);
    quiet.tell("b", true, 1000);
    quiet.tell("a", false, 1001, 3);
    assert.deepEqual(quiet.ejected.at(-1), "a consecutive-failures 100");
  });

  test("on probation one failure is enough", () => {
    const { made, ejected, tell } = detector();
    tell("a", false, 0, 3);
    assert.equal(made.healthy("a", 100), true);
    tell("a", false, 149);
    assert.deepEqual(ejected, ["a consecutive-failures 100", "a probation 200"]);
    assert.equal(made.healthy("a", 349), true);
    tell("a", false, 400);
    assert.equal(made.healthy("a", 400), true);
  });

  test("no more than the share at a time, at least one of several, never the only one", () => {
    const { made, tell } = detector({ maxEjectedRatio: 0 });
    tell("a", false, 0, 3);
    tell("b", false, 0, 9);
    assert.deepEqual([made.healthy("a", 0), made.healthy("b", 0)], [false, true]);
    const alone = detector({}, ["a"]);
    alone.tell("a", false, 0, 9);
    assert.equal(alone.made.healthy("a", 0), true);
    const few = detector({}, ["a"]);
    few.made.retain(new Set(["a", "b"]));
    few.tell("a", false, 0, 9);
    assert.equal(few.made.healthy("a", 0), false);
  });

  test("what is no longer there is forgotten", () => {
    const { made, tell } = detector();
    tell("a", false, 0, 3);
    made.retain(new Set(["b"]));
    assert.equal(made.size, 1);
    assert.equal(made.healthy("a", 0), true);
  });
});

test("property: bounded, never more ejected than allowed, and everything comes back", () => {
  const step = fc.record({ host: fc.nat({ max: 40 }), ok: fc.boolean(), after: fc.integer({ min: 0, max: 300 }) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 300 }), fc.double({ min: 0, max: 1, noNaN: true }), (steps, ratio) => {
      const { made, tell } = detector({ maxEjectedRatio: ratio, consecutiveFailures: 1, minimumRequests: 2 }, []);
      let now = 0;
      for (const { host, ok, after } of steps) {
        now += after;
        tell(String(host), ok, now);
        assert.ok(made.size <= policy.maxEndpoints);
        const most = Math.max(1, Math.floor(policy.maxEndpoints * ratio));
        assert.ok(made.ejectedAt(now) <= most, `${made.ejectedAt(now)} of at most ${most}`);
      }
      assert.equal(made.ejectedAt(now + policy.maxEjectionMs), 0);
      for (let host = 0; host <= 40; host++) assert.ok(made.healthy(String(host), now + policy.maxEjectionMs));
    }),
  );
});

test("as a guard: calls pass, shadow ejects nobody but reports, a reload keeps ejections", async () => {
  const clock = createFakeClock();
  const { guard, layer, reported } = guardFor(makeOutlier, policy, clock);
  const { client } = await clientWith([layer], {}, clock);
  assert.equal((await client().unary({ text: "x" })).text, "x");
  guard.health.retain(new Set(["a", "b"]));
  for (let i = 0; i < 3; i++) guard.health.outcome("a", false, 1, 0);
  assert.equal(guard.health.healthy("a", 0), false);
  guard.reload({ ...policy, consecutiveFailures: 9 }, "enforce");
  assert.equal(guard.health.healthy("a", 99), false);
  assert.deepEqual(guard.state(), { endpoints: 1, ejected: 1 });
  guard.reload(policy, "shadow");
  assert.equal(guard.health.healthy("a", 99), true);
  assert.deepEqual(reported, ["ejected-consecutive-failures"]);
});

test("the section refuses what can eject nobody and times that contradict each other", () => {
  const problems = (change: Partial<OutlierPolicy>) =>
    (outlierSection.check?.({ ...policy, ...change }, {}) ?? []).map(({ path }) => path.join("."));
  assert.deepEqual(problems({}), []);
  assert.deepEqual(problems({ consecutiveFailures: 0, stdevFactor: 0 }), [""]);
  assert.deepEqual(problems({ consecutiveFailures: 0, stdevFactor: 0, errorRatio: 0.5 }), []);
  assert.deepEqual(problems({ ejectionMs: 251 }), ["ejection"]);
});
