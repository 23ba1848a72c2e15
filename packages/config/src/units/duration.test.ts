import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { formatDuration, parseDuration } from "./duration.js";

describe("durations", () => {
  it("reads single and joined units", () => {
    const cases = {
      "500ms": 500,
      "15m": 900_000,
      "1h30m": 5_400_000,
      "1.5s": 1500,
      "1.1s": 1100,
      "2d": 172_800_000,
      "0": 0,
      "0s": 0,
    };
    for (const [text, ms] of Object.entries(cases)) assert.equal(parseDuration(text), ms, text);
  });

  it("refuses what is ambiguous, out of order or finer than a millisecond", () => {
    for (const text of [
      "",
      " ",
      "5",
      "m",
      "-1s",
      "1s1h",
      "1s1s",
      "1.5ms",
      "0.0001s",
      "1 h",
      "1H",
      "1e3s",
      "999999999999999d",
      "٣s",
    ]) {
      assert.equal(parseDuration(text), undefined, text);
    }
  });

  it("reads back what it writes", () => {
    fc.assert(fc.property(fc.maxSafeNat(), (ms) => parseDuration(formatDuration(ms)) === ms));
  });

  it("never throws, and gives whole milliseconds or nothing", () => {
    const text = fc.oneof(fc.string(), fc.stringMatching(/^(\d{1,3}(\.\d{1,7})?(ms|s|m|h|d)){1,3}$/));
    fc.assert(
      fc.property(text, (each) => {
        const ms = parseDuration(each);
        return ms === undefined || (Number.isSafeInteger(ms) && ms >= 0);
      }),
    );
  });
});
