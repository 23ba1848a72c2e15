import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { VirtualClock } from "./virtual-clock.js";

describe("a virtual clock", () => {
  it("fires timers in the order of their time, then of their making, and none that was cancelled", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(fc.nat(20), fc.boolean()), { maxLength: 40 }), async (timers) => {
        const clock = new VirtualClock(1000);
        const fired: [number, number][] = [];
        for (const [index, [ms, cancelled]] of timers.entries()) {
          const cancel = clock.timer(ms, () => fired.push([clock.now() - 1000, index]));
          if (cancelled) cancel();
        }
        await clock.advanceTo(1015);
        const expected = timers
          .map(([ms, cancelled], index) => ({ ms, cancelled, index }))
          .filter(({ ms, cancelled }) => ms <= 15 && !cancelled)
          .sort((a, b) => a.ms - b.ms || a.index - b.index);
        assert.deepEqual(
          fired,
          expected.map(({ ms, index }) => [ms, index]),
        );
        assert.deepEqual([clock.now(), clock.monotonic()], [1015, 15]);
      }),
      { numRuns: 50 },
    );
  });

  it("lets promises run between two timers, also those that set another", async () => {
    const clock = new VirtualClock(0);
    const seen: string[] = [];
    clock.timer(10, () => {
      seen.push("first");
      void Promise.resolve().then(() => clock.timer(5, () => seen.push("set on the way")));
    });
    clock.timer(20, () => seen.push("last"));
    await clock.advanceTo(100);
    assert.deepEqual(seen, ["first", "set on the way", "last"]);
  });
});
