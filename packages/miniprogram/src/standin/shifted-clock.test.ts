import assert from "node:assert/strict";
import { test } from "node:test";
import { createFakeClock } from "@sampan/testkit";
import { ShiftedClock } from "./shifted-clock.js";

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test("timers follow the shift, in their order and at their own time", async () => {
  const clock = new ShiftedClock(createFakeClock(0));
  const fired: [string, number][] = [];
  const note = (name: string) => (): void => void fired.push([name, clock.now()]);
  clock.timer(3000, note("third"));
  clock.timer(1000, () => {
    note("first")();
    clock.timer(1000, note("second"));
  });
  clock.timer(9000, note("later"));
  await clock.advance(5000, settled);
  assert.deepEqual(fired, [
    ["first", 1000],
    ["second", 2000],
    ["third", 3000],
  ]);
  assert.equal(clock.now(), 5000);
});

test("a timer that was shifted part of the way fires for the rest on the clock below", async () => {
  const base = createFakeClock(0);
  const clock = new ShiftedClock(base);
  let fired = 0;
  clock.timer(10_000, () => fired++);
  const cancel = clock.timer(10_000, () => assert.fail("was cancelled"));
  await clock.advance(9_000, settled);
  cancel();
  await base.advance(999);
  assert.equal(fired, 0);
  await base.advance(1);
  assert.equal(fired, 1);
  assert.equal(clock.monotonic(), 10_000);
});
