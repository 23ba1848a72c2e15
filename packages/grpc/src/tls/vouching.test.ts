import assert from "node:assert/strict";
import { test } from "node:test";
import { createFakeClock, settled } from "@sampan/testkit";
import { type Vouched, Vouching } from "./vouching.js";

const drainMs = 500;

function setUp(start = 1_000_000) {
  const clock = createFakeClock(start);
  const vouching = new Vouching(drainMs, clock);
  const heard: string[] = [];
  /** Holds from `from` to `until` ms after the start; `judge.refused` names whom a check refuses. */
  const judge = { refused: new Set<string>(), asked: 0 };
  const add = (name: string, until: number, from = 0): Vouched => {
    const say = (what: string): void => void heard.push(`${name} ${what} at ${clock.now() - start}`);
    const vouched: Vouched = {
      life: { from: start + from, until: start + until },
      refusal: () => {
        judge.asked++;
        return judge.refused.has(name) ? new Error("revoked") : undefined;
      },
      onAgeing: () => say("ages"),
      onRefused: ({ message }) => say(`is refused (${message})`),
      onTimeUp: () => say("has no time left"),
    };
    vouching.add(vouched);
    return vouched;
  };
  return { clock, vouching, heard, judge, add };
}

test("a connection ages at nine tenths of its certificate's life, ends with it, and has drainMs for its calls", async () => {
  const { clock, heard, add } = setUp();
  add("a", 10_000);
  await clock.advance(8999);
  assert.deepEqual(heard, []);
  await clock.advance(20_000);
  assert.deepEqual(heard, [
    "a ages at 9000",
    "a is refused (its certificate has expired) at 10000",
    "a has no time left at 10500",
  ]);
});

test("one that is made late in a life does not age: it would be replaced by its like", async () => {
  const { clock, heard, add } = setUp();
  add("late", 100, -900);
  await clock.advance(99);
  assert.deepEqual(heard, []);
  await clock.advance(1);
  assert.deepEqual(heard, ["late is refused (its certificate has expired) at 100"]);
});

test("after a change all are judged again; who is refused then is not judged twice", async () => {
  const { clock, vouching, heard, judge, add } = setUp();
  add("a", 10_000);
  add("b", 10_000);
  judge.refused.add("a");
  assert.deepEqual(heard, []);
  vouching.recheck();
  vouching.recheck();
  assert.deepEqual(heard, ["a is refused (revoked) at 0"]);
  assert.equal(judge.asked, 3);
  await clock.advance(drainMs);
  assert.deepEqual(heard.slice(1), ["a has no time left at 500"]);
});

test("a clock that was set shows at the next change, without asking anybody", async () => {
  const { clock, vouching, heard, judge } = setUp();
  vouching.add({
    life: { from: 0, until: clock.now() },
    refusal: () => assert.fail("nobody is asked about what has expired"),
    onRefused: ({ message }) => void heard.push(message),
    onTimeUp() {},
  });
  vouching.recheck();
  assert.deepEqual(heard, ["its certificate has expired"]);
  assert.equal(judge.asked, 0);
});

test("a connection that is gone hears nothing more, and leaves no timer", async () => {
  const { clock, vouching, heard, judge, add } = setUp();
  const [a, b] = [add("a", 10_000), add("b", 10_000)];
  judge.refused.add("b");
  vouching.recheck();
  vouching.remove(a);
  vouching.remove(b);
  assert.equal(clock.pending, 0);
  vouching.recheck();
  await clock.advance(20_000);
  assert.deepEqual(heard, ["b is refused (revoked) at 0"]);
  add("c", 10_000);
  vouching.close();
  assert.equal(clock.pending, 0);
});

test("many connections are judged in several turns, and those that come or go meanwhile are no trouble", async () => {
  const { vouching, judge, add } = setUp();
  const many = Array.from({ length: 40 }, (_, i) => add(String(i), 10_000));
  vouching.recheck();
  assert.equal(judge.asked, 16);
  vouching.remove(many[0] as Vouched);
  await settled();
  assert.equal(judge.asked, 32);
  // A change on the way starts again with all.
  vouching.recheck();
  for (let i = 0; i < 5; i++) await settled();
  assert.equal(judge.asked, 32 + 39);
});
