import assert from "node:assert/strict";
import { test } from "node:test";
import { createFakeClock } from "@sampan/testkit";
import fc from "fast-check";
import { LoopWatch } from "./loop-watch.js";
import { PassWindow } from "./pass-window.js";
import { Shedder } from "./shedder.js";

const [critical, high, normal, low] = [0, 1, 2, 3];

test("nothing is refused while the event loop is on time", () => {
  const shedder = new Shedder(50);
  for (let i = 0; i < 1000; i++) {
    assert.ok(shedder.admits(normal, { delayMs: 50, turnMs: 50 }, 0));
    shedder.began();
  }
});

test("a turn that has lasted long counts before it has ended, as much as it will then", () => {
  const shedder = new Shedder(50);
  assert.ok(shedder.admits(normal, { delayMs: 0, turnMs: 100 }, 0), "one pause alone counts half");
  assert.ok(!shedder.admits(normal, { delayMs: 0, turnMs: 101 }, 0));
  assert.ok(shedder.admits(normal, { delayMs: 40, turnMs: 60 }, 0));
  assert.ok(!shedder.admits(normal, { delayMs: 40, turnMs: 61 }, 0));
});

test("over the trigger, a turn that has lasted long takes no more, the important longest", () => {
  const shedder = new Shedder(50);
  const admitted = (delayMs: number, turnMs: number): boolean[] =>
    [critical, high, normal, low].map((rank) => shedder.admits(rank, { delayMs, turnMs }, 0));
  assert.deepEqual(admitted(1000, 25), [true, true, true, true]);
  assert.deepEqual(admitted(1000, 26), [true, true, true, false]);
  assert.deepEqual(admitted(1000, 51), [true, true, false, false]);
  assert.deepEqual(admitted(1000, 101), [true, false, false, false]);
  assert.deepEqual(admitted(1000, 201), [false, false, false, false]);
  assert.deepEqual(admitted(60, 130), [true, true, false, false], "each class has a trigger of its own");
});

test("over the trigger, no more are in work than maxCompleteQps · minRtMs / 1000", () => {
  const shedder = new Shedder(50);
  const over = { delayMs: 60, turnMs: 0 };
  // 200 calls in half a second, the fastest in 10 ms: 400/s · 10 ms = 4 in work.
  for (let i = 0; i < 200; i++) {
    shedder.began();
    shedder.ended(i === 7 ? 10 : 25, 1000 + i);
  }
  for (const expected of [true, true, true, true, true, false]) {
    assert.equal(shedder.admits(normal, over, 1400), expected, `with ${shedder.inFlight} in work`);
    shedder.began();
  }
  assert.ok(shedder.admits(normal, { delayMs: 40, turnMs: 0 }, 1400), "and below the trigger as many as come");
});

test("a single call in work is never too many", () => {
  const shedder = new Shedder(50);
  shedder.began();
  shedder.ended(1, 0);
  shedder.began();
  assert.ok(shedder.admits(normal, { delayMs: 60, turnMs: 0 }, 0));
});

test("the window holds the last while and forgets the rest", () => {
  const window = new PassWindow(10, 500);
  assert.equal(window.capacity(0), Number.POSITIVE_INFINITY);
  for (let i = 0; i < 500; i++) window.add(20, 100);
  assert.equal(window.capacity(100), 20);
  window.add(2, 4999);
  assert.equal(window.capacity(4999), 2);
  assert.equal(window.capacity(5000), 2 / 500, "the first bucket has left");
  assert.equal(window.capacity(60_000), Number.POSITIVE_INFINITY);
});

test("the window counts as a list of calls would", () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat(900), fc.integer({ min: 1, max: 50 })), { minLength: 1, maxLength: 60 }),
      (steps) => {
        const window = new PassWindow(4, 100);
        const all: { readonly bucket: number; readonly took: number }[] = [];
        let now = 0;
        for (const [gap, took] of steps) {
          now += gap;
          window.add(took, now);
          all.push({ bucket: Math.floor(now / 100), took });
          const held = all.filter(({ bucket }) => bucket > Math.floor(now / 100) - 4);
          const counts = new Map<number, number>();
          for (const { bucket } of held) counts.set(bucket, (counts.get(bucket) ?? 0) + 1);
          const expected = (Math.max(...counts.values()) / 100) * Math.min(...held.map((each) => each.took));
          assert.ok(Math.abs(window.capacity(now) - expected) < 1e-9);
        }
      },
    ),
  );
});

test("the watch of the loop measures turns with calls, and how late a timer is", async () => {
  const clock = createFakeClock();
  const ends: (() => void)[] = [];
  const watch = new LoopWatch(clock, (run) => void ends.push(run));
  const turn = async (ms: number): Promise<void> => {
    const began = clock.monotonic();
    watch.enter(began);
    await clock.advance(ms);
    watch.enter(clock.monotonic());
    assert.equal(watch.turnMs, ms);
    ends.shift()?.();
    assert.equal(ends.length, 0, "one for each turn");
  };
  await turn(100);
  assert.equal(watch.delayMs, 50, "one long pause alone counts half");
  await turn(100);
  assert.equal(watch.delayMs, 75);
  for (let i = 0; i < 8; i++) await turn(0);
  assert.ok(watch.delayMs < 1);
  await turn(100);
  await clock.advance(1001);
  await turn(0);
  assert.equal(watch.delayMs, 0, "what was long ago is forgotten");
});
