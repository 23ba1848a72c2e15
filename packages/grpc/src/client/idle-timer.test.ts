import assert from "node:assert/strict";
import { test } from "node:test";
import { createFakeClock, type FakeClock } from "@sampan/testkit";
import { IdleTimer } from "./idle-timer.js";

function timer(ms: number): { clock: FakeClock; timer: IdleTimer; idles: number[] } {
  const clock = createFakeClock();
  const idles: number[] = [];
  return { clock, timer: new IdleTimer(ms, clock, () => idles.push(clock.monotonic())), idles };
}

test("idle when no call has been for the time, counted from the end of the last", async () => {
  const { clock, timer: idle, idles } = timer(1000);
  assert.ok(idle.idle);
  assert.equal(idle.begin(), true);
  assert.equal(idle.idle, false);
  await clock.advance(300);
  idle.end();
  await clock.advance(999);
  assert.deepEqual([idles, idle.idle], [[], false]);
  await clock.advance(1);
  assert.deepEqual([idles, idle.idle, clock.pending], [[1300], true, 0]);
  await clock.advance(10_000);
  assert.deepEqual(idles, [1300]);
});

test("not idle while a call is in work, however long, nor when another has come meanwhile", async () => {
  const { clock, timer: idle, idles } = timer(1000);
  idle.begin();
  assert.equal(idle.begin(), false);
  idle.end();
  await clock.advance(5500);
  idle.end();
  await clock.advance(900);
  assert.equal(idle.begin(), false);
  idle.end();
  await clock.advance(999);
  assert.deepEqual(idles, []);
  await clock.advance(1);
  assert.deepEqual(idles, [7400]);
});

test("the call after the idleness says so; nothing happens with a time of 0, or once closed", async () => {
  const { clock, timer: idle, idles } = timer(1000);
  for (let i = 0; i < 2; i++) {
    assert.equal(idle.begin(), true);
    idle.end();
    await clock.advance(1000);
  }
  assert.equal(idles.length, 2);
  idle.begin();
  idle.end();
  idle.close();
  assert.equal(idle.begin(), false);
  const never = timer(0);
  assert.deepEqual([never.timer.begin(), never.timer.idle], [false, false]);
  never.timer.end();
  assert.equal(never.clock.pending + clock.pending, 0);
});
