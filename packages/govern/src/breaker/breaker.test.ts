import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { ADMITTED, Breaker, type BreakerRules, REFUSED, type Ticket } from "./breaker.js";

const rules: BreakerRules = {
  errorRatio: 0.5,
  minimumRequests: 10,
  windowMs: 10_000,
  buckets: 10,
  openMs: 5000,
  probes: 2,
};

function feed(breaker: Breaker, good: number, bad: number, now = 0, tookMs = 1): void {
  for (let i = 0; i < good; i++) breaker.record(false, tookMs, now, now);
  for (let i = 0; i < bad; i++) breaker.record(true, tookMs, now, now);
}

function opened(over: Partial<BreakerRules> = {}): Breaker {
  const breaker = new Breaker({ ...rules, ...over });
  feed(breaker, 0, 10);
  assert.equal(breaker.state, "open");
  return breaker;
}

describe("what opens", () => {
  test("the share of errors, at its threshold and not below", () => {
    const below = new Breaker(rules);
    feed(below, 51, 49);
    assert.equal(below.state, "closed");
    feed(below, 0, 2);
    assert.equal(below.state, "open");
  });

  test("nothing below the minimum of requests", () => {
    const breaker = new Breaker(rules);
    feed(breaker, 0, 9);
    assert.equal(breaker.state, "closed");
    assert.equal(breaker.record(true, 1, 0, 0), true);
    assert.equal(breaker.state, "open");
  });

  test("the count of errors", () => {
    const { errorRatio: _, ...rest } = rules;
    const breaker = new Breaker({ ...rest, errorCount: 12 });
    feed(breaker, 1000, 11);
    assert.equal(breaker.state, "closed");
    feed(breaker, 0, 1);
    assert.equal(breaker.state, "open");
  });

  test("the share of slow calls, whether they failed or not; exactly the limit is not slow", () => {
    const { errorRatio: _, ...rest } = rules;
    const breaker = new Breaker({ ...rest, slow: { aboveMs: 100, ratio: 0.5 } });
    feed(breaker, 20, 0, 0, 100);
    assert.deepEqual(breaker.counts, { calls: 20, errors: 0, slow: 0 });
    feed(breaker, 19, 0, 0, 101);
    assert.equal(breaker.state, "closed");
    feed(breaker, 1, 0, 0, 101);
    assert.equal(breaker.state, "open");
  });

  test("several at once: each can", () => {
    const both = { ...rules, slow: { aboveMs: 100, ratio: 0.9 }, errorCount: 100 };
    assert.equal(opened(both).state, "open");
    const slow = new Breaker(both);
    feed(slow, 10, 0, 0, 200);
    assert.equal(slow.state, "open");
  });

  test("only what the window still holds", () => {
    const breaker = new Breaker(rules);
    feed(breaker, 0, 9, 0);
    feed(breaker, 0, 9, 10_000);
    assert.equal(breaker.state, "closed");
    assert.equal(breaker.counts.calls, 9);
    feed(breaker, 0, 1, 19_999);
    assert.equal(breaker.state, "open");
  });
});

describe("open and half-open", () => {
  test("refuses until openMs has passed, and says how long that is", () => {
    const breaker = opened();
    assert.equal(breaker.admit(4999), REFUSED);
    assert.equal(breaker.waitMs(4000), 1000);
    assert.ok(breaker.admit(5000) > ADMITTED);
    assert.equal(breaker.state, "half-open");
  });

  test("probes that succeed close it, and the past is forgotten", () => {
    const breaker = opened();
    const [one, two] = [breaker.admit(5000), breaker.admit(5000)];
    assert.equal(breaker.admit(5000), REFUSED);
    breaker.probed(one, false, 1, 5001);
    assert.equal(breaker.state, "half-open");
    assert.equal(breaker.admit(5001), REFUSED);
    breaker.probed(two, false, 1, 5002);
    assert.equal(breaker.state, "closed");
    assert.equal(breaker.counts.calls, 0);
    // Began before it closed.
    feed(breaker, 0, 20, 5001);
    assert.equal(breaker.state, "closed");
  });

  test("a bad probe opens it again for openMs; so does a slow one", () => {
    for (const [failed, took] of [
      [true, 1],
      [false, 200],
    ] as const) {
      const breaker = opened({ slow: { aboveMs: 100, ratio: 1 } });
      breaker.probed(breaker.admit(5000), failed, took, 6000);
      assert.equal(breaker.state, "open");
      assert.equal(breaker.waitMs(6000), 5000);
    }
  });

  test("a probe that is given up returns it to open, and the next call probes", () => {
    const breaker = opened();
    breaker.gaveUp(breaker.admit(5000), 5010);
    assert.equal(breaker.state, "open");
    assert.ok(breaker.admit(5010) > ADMITTED);
  });

  test("a probe of an earlier phase changes nothing but makes room", () => {
    const breaker = opened();
    const old = breaker.admit(5000);
    breaker.gaveUp(breaker.admit(5000), 5000);
    const now = breaker.admit(5000);
    assert.equal(breaker.admit(5000), REFUSED);
    breaker.probed(old, true, 1, 5001);
    assert.equal(breaker.state, "half-open");
    const more = breaker.admit(5001);
    assert.ok(more > ADMITTED);
    breaker.probed(now, false, 1, 5002);
    breaker.probed(more, false, 1, 5002);
    assert.equal(breaker.state, "closed");
  });
});

describe("reload", () => {
  test("an open breaker stays open, for the shorter of both times", () => {
    const breaker = opened();
    breaker.reload({ ...rules, openMs: 60_000 });
    assert.equal(breaker.waitMs(0), 5000);
    breaker.reload({ ...rules, openMs: 1000 });
    assert.equal(breaker.waitMs(0), 1000);
  });

  test("counts are kept when only thresholds change, and begin anew with another window", () => {
    const breaker = new Breaker(rules);
    feed(breaker, 0, 5);
    breaker.reload({ ...rules, minimumRequests: 6 });
    feed(breaker, 0, 1);
    assert.equal(breaker.state, "open");
    const other = new Breaker(rules);
    feed(other, 0, 9);
    other.reload({ ...rules, windowMs: 20_000 });
    feed(other, 0, 9);
    assert.equal(other.state, "closed");
  });

  test("fewer probes than have succeeded already close it", () => {
    const breaker = opened({ probes: 3 });
    breaker.probed(breaker.admit(5000), false, 1, 5001);
    breaker.reload({ ...rules, probes: 1 });
    assert.equal(breaker.state, "closed");
  });
});

/** What happens to a breaker, in any order. */
const step = fc.oneof(
  fc.record({ kind: fc.constant("call" as const), failed: fc.boolean(), tookMs: fc.integer({ min: 0, max: 200 }) }),
  fc.record({ kind: fc.constant("start" as const) }),
  fc.record({ kind: fc.constant("end" as const), which: fc.nat(), how: fc.constantFrom("good", "bad", "given up") }),
  fc.record({ kind: fc.constant("wait" as const), ms: fc.integer({ min: 0, max: 3000 }) }),
  fc.record({ kind: fc.constant("reload" as const), probes: fc.integer({ min: 1, max: 4 }) }),
);

test("property: at most `probes` are out, closed admits, open refuses until its time, and it always comes back", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const small = { ...rules, minimumRequests: 2, openMs: 1000, slow: { aboveMs: 100, ratio: 0.5 } };
      const breaker = new Breaker(small);
      const out: Ticket[] = [];
      let now = 0;
      let { probes } = small;
      for (const each of steps) {
        if (each.kind === "wait") now += each.ms;
        else if (each.kind === "reload") breaker.reload({ ...small, probes: (probes = each.probes) });
        else if (each.kind === "call") breaker.record(each.failed, each.tookMs, now, now);
        else if (each.kind === "start") {
          const { state } = breaker;
          const [would, waitMs] = [breaker.wouldAdmit(now), breaker.waitMs(now)];
          const ticket = breaker.admit(now);
          assert.equal(ticket !== REFUSED, would);
          if (state === "closed") assert.equal(ticket, ADMITTED);
          else assert.notEqual(ticket, ADMITTED);
          if (waitMs > 0) assert.equal(ticket, REFUSED);
          if (ticket > ADMITTED) {
            out.push(ticket);
            assert.ok(out.length <= probes, `${out.length} probes out of ${probes}`);
          }
        } else {
          const ticket = out.splice(each.which % Math.max(1, out.length), 1)[0];
          if (ticket === undefined) continue;
          if (each.how === "given up") breaker.gaveUp(ticket, now);
          else breaker.probed(ticket, each.how === "bad", 1, now);
        }
        assert.equal(breaker.probesOut, out.length);
        assert.ok(["closed", "open", "half-open"].includes(breaker.state));
      }
      // Whatever has happened: once probes succeed, it closes.
      for (const ticket of out) breaker.probed(ticket, false, 1, now);
      now += 1000;
      for (let i = 0; i < 5 && !breaker.closed; i++) {
        const ticket = breaker.admit(now);
        assert.ok(ticket > ADMITTED, "stuck");
        breaker.probed(ticket, false, 1, now);
      }
      assert.equal(breaker.state, "closed");
    }),
    { numRuns: 500 },
  );
});
