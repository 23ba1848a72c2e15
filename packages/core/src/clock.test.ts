import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { createFakeClock, settled } from "@sampan/testkit";
import { sleep, systemClock } from "./clock.js";
import { sortableId } from "./sortable-id.js";

describe("sleep", () => {
  test("ends in time, or with the signal's reason, and leaves nothing behind", async () => {
    const clock = createFakeClock();
    const controller = new AbortController();
    const done = sleep(clock, 100, controller.signal);
    await clock.advance(100);
    await done;
    const cut = sleep(clock, 100, controller.signal);
    const outcome = assert.rejects(cut, /enough/);
    controller.abort(new Error("enough"));
    await outcome;
    await assert.rejects(sleep(clock, 100, controller.signal), /enough/);
    assert.equal(clock.pending, 0);
  });
});

describe("systemClock", () => {
  test("fires later, never at once, and not when it is cancelled", async () => {
    const fired: string[] = [];
    const cancel = systemClock.timer(0, () => fired.push("cancelled"));
    cancel();
    cancel();
    await new Promise<void>((resolve) => {
      systemClock.timer(0, () => {
        fired.push("fired");
        resolve();
      });
      assert.deepEqual(fired, []);
    });
    assert.deepEqual(fired, ["fired"]);
  });

  test("a delay beyond what setTimeout can do does not fire at once", async () => {
    let fired = false;
    const cancel = systemClock.timer(2 ** 40, () => {
      fired = true;
    });
    for (let i = 0; i < 5; i++) await settled();
    await new Promise<void>((resolve) => systemClock.timer(5, resolve));
    assert.equal(fired, false);
    cancel();
  });
});

test("sortable ids sort by the time they were made, and do not repeat", async () => {
  const clock = createFakeClock();
  const ids: string[] = [];
  for (let i = 0; i < 100; i++) {
    ids.push(sortableId(clock));
    await clock.advance(1);
  }
  assert.deepEqual([...ids].sort(), ids);
  assert.ok(ids.every((id) => /^[0-9a-hjkmnp-tv-z]{26}$/.test(id)));
  const same = new Set(Array.from({ length: 1000 }, () => sortableId(clock)));
  assert.equal(same.size, 1000);
});
