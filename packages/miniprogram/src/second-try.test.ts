import assert from "node:assert/strict";
import { test } from "node:test";
import { type Call, Runtime } from "@sampan/core";
import { createFakeClock, type FakeClock } from "@sampan/testkit";
import { MiniProgramErrors } from "./errors.js";
import { withSecondTry } from "./second-try.js";

const { PLATFORM_BUSY, PLATFORM_UNREACHABLE, PLATFORM_NO_ANSWER, RATE_LIMITED } = MiniProgramErrors;

function world(timeoutMs = 10_000): { clock: FakeClock; call: Call } {
  const clock = createFakeClock();
  return {
    clock,
    call: new Runtime({ name: "t", connect: () => assert.fail(), clock }).root({ name: "t", timeoutMs }),
  };
}

function failing(errors: Error[]): { once: () => Promise<string>; tries: () => number } {
  let tries = 0;
  const once = async (): Promise<string> => {
    const error = errors[tries++];
    if (error !== undefined) throw error;
    return "done";
  };
  return { once, tries: () => tries };
}

test("busy and not reached are tried again once, after the delay", async () => {
  for (const error of [PLATFORM_BUSY({ platform_code: "-1" }), PLATFORM_UNREACHABLE()]) {
    const { clock, call } = world();
    const work = failing([error]);
    const done = withSecondTry(clock, 100, call, work.once);
    await clock.advance(99);
    assert.equal(work.tries(), 1);
    await clock.advance(1);
    assert.equal(await done, "done");
  }
});

test("a second failure is the caller's", async () => {
  const { clock, call } = world();
  const work = failing([PLATFORM_BUSY({ platform_code: "1" }), PLATFORM_BUSY({ platform_code: "2" })]);
  await assert.rejects(withSecondTry(clock, 0, call, work.once), /platform code 2/);
  assert.equal(work.tries(), 2);
});

test("nothing else is tried again", async () => {
  for (const error of [PLATFORM_NO_ANSWER(), RATE_LIMITED({ platform_code: "1" }), new Error("another")]) {
    const { clock, call } = world();
    const work = failing([error]);
    await assert.rejects(withSecondTry(clock, 0, call, work.once), (thrown) => thrown === error);
    assert.equal(work.tries(), 1);
  }
});

test("a deadline that is nearer than the delay leaves no second try", async () => {
  const { clock, call } = world(100);
  const work = failing([PLATFORM_BUSY({ platform_code: "-1" })]);
  await assert.rejects(withSecondTry(clock, 100, call, work.once), /cannot answer now/);
  assert.equal(work.tries(), 1);
});
