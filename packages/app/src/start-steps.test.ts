import assert from "node:assert/strict";
import { test } from "node:test";
import { createFakeClock } from "@sampan/testkit";
import { StartSteps } from "./start-steps.js";

function steps() {
  const clock = createFakeClock();
  const interruption = new AbortController();
  return { clock, interruption, steps: new StartSteps({ clock, signal: interruption.signal, patienceMs: 1000 }) };
}

test("a step gives what its work gives, and leaves no timer or listener", async () => {
  const { clock, steps: start } = steps();
  assert.equal(await start.step("a", () => 1), 1);
  assert.equal(await start.step("b", () => Promise.resolve(2)), 2);
  assert.equal(clock.pending, 0);
});

test("what is thrown, rejected, or no error at all comes with the name of the part", async () => {
  const { steps: start } = steps();
  const broken = () => {
    throw new Error("broken");
  };
  await assert.rejects(start.step("a", broken), /^RpcError.*a did not start: broken/);
  await assert.rejects(
    start.step("b", () => Promise.reject(new Error())),
    /b did not start: Error/,
  );
  await assert.rejects(
    start.step("c", () => Promise.reject("text")),
    /c did not start: text/,
  );
});

test("a step that ends in time after an interruption keeps its result", async () => {
  const { clock, interruption, steps: start } = steps();
  const slow = start.step("a", () => new Promise((resolve) => void clock.timer(500, () => resolve("done"))));
  interruption.abort();
  await clock.advance(500);
  assert.equal(await slow, "done");
  assert.equal(clock.pending, 0);
  await assert.rejects(
    start.step("b", () => assert.fail("began")),
    /interrupted at b/,
  );
});

test("a step that interrupts the start itself is given the same time", async () => {
  const { clock, interruption, steps: start } = steps();
  const stuck = start.step("a", () => {
    interruption.abort();
    return new Promise(() => {});
  });
  const ended = assert.rejects(stuck, /interrupted at a/);
  await clock.advance(1000);
  await ended;
});
