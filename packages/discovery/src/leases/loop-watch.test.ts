import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { LoopWatch } from "./loop-watch.js";

describe("loop watch", () => {
  it("calls a loop blocked after its limit, and well again when it has turned for a while", () => {
    const watch = new LoopWatch(100);
    assert.equal(watch.look(1, 100), false);
    for (let i = 0; i < 10; i++) assert.equal(watch.look(1, 100), false, `${i}`);
    assert.equal(watch.look(1, 100), true);
    for (let beat = 2; beat < 6; beat++) assert.equal(watch.look(beat, 100), true);
    assert.equal(watch.look(6, 100), false);
  });

  it("a loop that turns now and then stays blocked", () => {
    const watch = new LoopWatch(100);
    for (let i = 0; i < 12; i++) watch.look(1, 100);
    for (let beat = 2; beat < 20; beat++) {
      assert.equal(watch.look(beat, 100), true);
      assert.equal(watch.look(beat, 100), true);
    }
  });

  it("a process that was stopped as a whole is not taken for a blocked loop", () => {
    const watch = new LoopWatch(100);
    watch.look(1, 100);
    assert.equal(watch.look(1, 60_000), false);
  });
});
