import assert from "node:assert/strict";
import { test } from "node:test";
import { createFakeClock } from "@sampan/testkit";
import { announceSlowStart } from "./slow-start.js";

test("a start that takes more than a second is announced, once", async () => {
  const clock = createFakeClock();
  const printed: string[] = [];
  announceSlowStart(clock, (line) => printed.push(line));
  await clock.advance(999);
  assert.deepEqual(printed, []);
  await clock.advance(60_000);
  assert.deepEqual(printed, ["sampan: starting …"]);
});

test("a quick one is not", async () => {
  const clock = createFakeClock();
  const end = announceSlowStart(clock, () => assert.fail("announced"));
  await clock.advance(500);
  end();
  await clock.advance(60_000);
});
