import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { createFakeClock } from "./fake-clock.js";

describe("createFakeClock", () => {
  test("stands still until it is moved", async () => {
    const clock = createFakeClock(1000);
    assert.equal(clock.now(), 1000);
    assert.equal(clock.monotonic(), 0);
    await clock.advance(250);
    assert.equal(clock.now(), 1250);
    assert.equal(clock.monotonic(), 250);
  });

  test("fires what is due, by time and then by age, each at its own time", async () => {
    const clock = createFakeClock(0);
    const fired: string[] = [];
    const timer = (name: string, ms: number) => clock.timer(ms, () => fired.push(`${name} at ${clock.now()}`));
    timer("c", 30);
    timer("a", 10);
    timer("b", 10);
    timer("late", 31);
    timer("past", -5);
    assert.deepEqual(fired, []);
    await clock.advance(30);
    assert.deepEqual(fired, ["past at 0", "a at 10", "b at 10", "c at 30"]);
    assert.equal(clock.pending, 1);
  });

  test("promise chains run between two timers, and timers that are set on the way fire too", async () => {
    const clock = createFakeClock(0);
    const fired: number[] = [];
    const wait = (ms: number) => new Promise<void>((resolve) => clock.timer(ms, resolve));
    const worker = async (): Promise<void> => {
      for (let i = 0; i < 5; i++) {
        await wait(10);
        fired.push(clock.now());
      }
    };
    const done = worker();
    await clock.advance(35);
    assert.deepEqual(fired, [10, 20, 30]);
    await clock.advance(100);
    await done;
    assert.deepEqual(fired, [10, 20, 30, 40, 50]);
  });

  test("a cancelled timer does not fire, not even when another cancels it on the way", async () => {
    const clock = createFakeClock();
    const fired: string[] = [];
    const cancelB = clock.timer(20, () => fired.push("b"));
    clock.timer(10, () => {
      fired.push("a");
      cancelB();
      cancelB();
    });
    await clock.advance(100);
    assert.deepEqual(fired, ["a"]);
  });

  test("runAll goes on to the last timer, leaves background ones, and gives up at its bound", async () => {
    const clock = createFakeClock(0);
    const fired: string[] = [];
    clock.timer(5000, () => fired.push("background"), { background: true });
    clock.timer(100, () => {
      fired.push("first");
      clock.timer(100, () => fired.push("second"));
    });
    await clock.runAll();
    assert.deepEqual(fired, ["first", "second"]);
    assert.equal(clock.now(), 200);
    const again = (): void => void clock.timer(1, again);
    again();
    await assert.rejects(clock.runAll(50), /50 timers have fired/);
  });

  test("what a timer throws comes out of advance", async () => {
    const clock = createFakeClock();
    clock.timer(1, () => assert.fail("boom"));
    await assert.rejects(clock.advance(1), /boom/);
  });
});
