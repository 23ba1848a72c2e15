import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { LeasePlan, type LeaseStep } from "./lease-plan.js";

const times = { ttlMs: 9000 };
const plan = () => new LeasePlan(times, () => 1);

function taken(): LeasePlan {
  const made = plan();
  assert.deepEqual(made.next(0), { step: "take" });
  made.begin("take");
  made.done("take", 0, 10);
  return made;
}

describe("lease plan", () => {
  it("takes, then renews after a third of the time", () => {
    const made = taken();
    assert.deepEqual(made.next(10), { waitMs: 3000 });
    assert.deepEqual(made.next(3010), { step: "renew" });
  });

  it("a change goes before a renewal, and counts as one", () => {
    const made = taken();
    made.change();
    assert.deepEqual(made.next(1000), { step: "replace" });
    made.begin("replace");
    made.done("replace", 1000, 1000);
    assert.deepEqual(made.next(1000), { waitMs: 3000 });
  });

  it("a change that comes while the one before is written is written too", () => {
    const made = taken();
    made.change();
    made.begin("replace");
    made.change();
    made.done("replace", 100, 100);
    assert.deepEqual(made.next(100), { step: "replace" });
  });

  it("takes anew what is lost, and what it could not renew for as long as it lasts", () => {
    const lost = taken();
    lost.lost();
    assert.deepEqual(lost.next(20), { step: "take" });
    const late = taken();
    for (let now = 3010; now < 8000; now += 1000) late.failed("renew", now);
    late.next(8999);
    assert.equal(late.held, true);
    late.next(9000);
    assert.equal(late.held, false);
  });

  it("waits longer after each failure, at most until the next renewal would be", () => {
    const made = plan();
    const waits: number[] = [];
    let now = 0;
    for (let i = 0; i < 7; i++) {
      made.failed("take", now);
      const order = made.next(now);
      waits.push("waitMs" in order ? order.waitMs : 0);
      now += waits.at(-1) ?? 0;
      assert.deepEqual(made.next(now), { step: "take" });
    }
    assert.deepEqual(waits, [200, 400, 800, 1600, 3000, 3000, 3000]);
  });

  it("drops once, whether or not that works", () => {
    const made = taken();
    made.drop();
    assert.deepEqual(made.next(20), { step: "drop" });
    made.failed("drop", 20);
    assert.deepEqual(made.next(20), { step: "end" });
  });

  it("never waits beyond the end of a lease it holds, whatever happens", () => {
    const outcome = fc.constantFrom("done", "lost", "failed", "change");
    fc.assert(
      fc.property(fc.array(fc.tuple(outcome, fc.integer({ min: 0, max: 2000 }))), (happenings) => {
        const made = new LeasePlan(times, () => 0.5);
        let now = 0;
        for (const [what, tookMs] of happenings) {
          const order = made.next(now);
          if ("waitMs" in order) {
            assert.ok(order.waitMs > 0 && order.waitMs <= times.ttlMs / 3);
            now += order.waitMs;
            continue;
          }
          const step = order.step as LeaseStep;
          made.begin(step);
          const askedAt = now;
          now += tookMs;
          if (what === "lost") made.lost();
          else if (what === "failed") made.failed(step, now);
          else made.done(step, askedAt, now);
          if (what === "change") made.change();
        }
      }),
    );
  });
});
