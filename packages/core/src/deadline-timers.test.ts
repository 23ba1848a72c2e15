import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { createFakeClock, type FakeClock } from "@sampan/testkit";
import fc from "fast-check";
import { DeadlineTimers, type Expiring } from "./deadline-timers.js";

/** What `DeadlineTimers` allows itself to be late. */
const slack = 4;

function entry(clock: FakeClock, deadline: number, fired: [Expiring, number][]): Expiring {
  const made: Expiring = { deadline, deadlinePlace: -1, expire: () => void fired.push([made, clock.now()]) };
  return made;
}

describe("DeadlineTimers", () => {
  test("fires each entry once, never early, at most a slot late, as a naive model does", async () => {
    const step = fc.oneof(
      fc.record({ kind: fc.constant("add"), ms: fc.integer({ min: -5, max: 300 }) }),
      fc.record({ kind: fc.constant("remove"), ms: fc.nat(40) }),
      fc.record({ kind: fc.constant("advance"), ms: fc.integer({ min: 0, max: 90 }) }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
        const clock = createFakeClock();
        const timers = new DeadlineTimers(clock);
        const fired: [Expiring, number][] = [];
        const all: Expiring[] = [];
        const open = new Set<Expiring>();
        const addedAt = new Map<Expiring, number>();
        for (const { kind, ms } of steps) {
          if (kind === "add") {
            const made = entry(clock, clock.now() + ms, fired);
            timers.add(made);
            all.push(made);
            open.add(made);
            addedAt.set(made, clock.now());
          } else if (kind === "remove") {
            const chosen = all[ms % Math.max(1, all.length)];
            if (chosen !== undefined) {
              timers.remove(chosen);
              open.delete(chosen);
            }
          } else {
            await clock.advance(ms);
            for (const [which, at] of fired.splice(0)) {
              assert.ok(open.delete(which), "fired twice, or after it was removed");
              assert.ok(at >= which.deadline, "early");
              assert.ok(at <= Math.max(which.deadline, addedAt.get(which) as number) + slack, "late");
            }
            for (const which of open) assert.ok(which.deadline + slack > clock.now(), "forgotten");
          }
          assert.equal(timers.size, open.size);
        }
        await clock.advance(1000);
        assert.equal(fired.length, open.size);
        assert.equal(timers.size, 0);
        assert.equal(clock.pending, 0, "an idle structure holds no timer");
      }),
      { numRuns: 150 },
    );
  });

  test("holds one timer of the clock, however many wait", () => {
    const clock = createFakeClock();
    const timers = new DeadlineTimers(clock);
    for (let i = 0; i < 1000; i++) timers.add(entry(clock, clock.now() + 1000 - i, []));
    assert.equal(clock.pending, 1);
  });

  test("an entry without a deadline is not held", () => {
    const clock = createFakeClock();
    const timers = new DeadlineTimers(clock);
    timers.add(entry(clock, Number.POSITIVE_INFINITY, []));
    assert.equal(timers.size, 0);
    assert.equal(clock.pending, 0);
  });

  test("an entry may add and remove others while it fires", async () => {
    const clock = createFakeClock();
    const timers = new DeadlineTimers(clock);
    const fired: [Expiring, number][] = [];
    const later = entry(clock, clock.now() + 500, fired);
    const next = entry(clock, clock.now() + 50, fired);
    timers.add(later);
    timers.add({
      deadlinePlace: -1,
      deadline: clock.now() + 10,
      expire: () => {
        timers.remove(later);
        timers.add(next);
      },
    });
    await clock.advance(1000);
    assert.deepEqual(
      fired.map(([which]) => which),
      [next],
    );
  });
});
