import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { durationPattern, formatDuration, parseDuration } from "./duration.js";
import { formatRate, parseRate, ratePattern } from "./rate.js";
import { formatRatio, parseRatio, ratioPattern } from "./ratio.js";
import { formatSize, parseSize, sizePattern } from "./size.js";

describe("units of rules", () => {
  it("read what people write", () => {
    const durations = { "500ms": 500, "1h30m": 5_400_000, "1.5s": 1500, "0": 0, "0.4ms": 0, "2d": 172_800_000 };
    for (const [text, ms] of Object.entries(durations)) assert.equal(parseDuration(text), ms, text);
    const sizes = { "512": 512, "64KiB": 65_536, "16MB": 16_000_000, "1B": 1 };
    for (const [text, bytes] of Object.entries(sizes)) assert.equal(parseSize(text), bytes, text);
    const ratios = { "25%": 0.25, "7%": 0.07, "0%": 0, "100%": 1, "0.5%": 0.005 };
    for (const [text, ratio] of Object.entries(ratios)) assert.equal(parseRatio(text), ratio, text);
    const rates = { "500/s": 500, "30000/m": 500, "1/5s": 0.2, "2/100ms": 20, "0.5/s": 0.5 };
    for (const [text, rate] of Object.entries(rates)) assert.equal(parseRate(text), rate, text);
  });

  it("refuse everything else", () => {
    for (const text of ["", "5", "m", "-1s", "1s1h", "1s1s", "1 h", "1H", "1e3s", "9999999999d", "٣s", " 1s", "1s "]) {
      assert.equal(parseDuration(text), undefined, text);
    }
    for (const text of ["", "-1", "1.5MB", "1XB", "1 MB", "1000000GB"]) assert.equal(parseSize(text), undefined, text);
    for (const text of ["", "25", "-1%", "%", "1e2%"]) assert.equal(parseRatio(text), undefined, text);
    for (const text of ["", "5", "5/", "/s", "5/0s", "-5/s", "5/s/s"]) assert.equal(parseRate(text), undefined, text);
  });

  it("read back what they write", () => {
    fc.assert(fc.property(fc.nat(), (ms) => parseDuration(formatDuration(ms)) === ms));
    assert.equal(formatSize(2_113_713_000), "2113713000");
    assert.equal(formatSize(999_999_000), "999999KB");
    fc.assert(fc.property(fc.nat(), (bytes) => parseSize(formatSize(bytes)) === bytes));
    fc.assert(fc.property(fc.nat(10_000), (n) => parseRatio(formatRatio(n / 10_000)) === n / 10_000));
    fc.assert(fc.property(fc.nat(999_999_999), (n) => parseRate(formatRate(n)) === n));
  });

  it("read exactly what their patterns in the JSON Schema allow", () => {
    const texts = fc.oneof(
      fc.string({ maxLength: 12 }),
      fc.stringMatching(/^(\d{1,3}(\.\d{1,7})?(ms|s|m|h|d)?){0,3}$/),
      fc.stringMatching(/^\d{0,10}(B|KB|KiB|MB|MiB|GB|GiB)?$/),
      fc.stringMatching(/^\d{0,3}(\.\d{1,7})?(%|\/\d?(s|m|ms))?$/),
    );
    const pairs = [
      [durationPattern, parseDuration],
      [sizePattern, parseSize],
      [ratioPattern, parseRatio],
      [ratePattern, parseRate],
    ] as const;
    for (const [pattern, parse] of pairs) {
      fc.assert(fc.property(texts, (text) => new RegExp(pattern).test(text) === (parse(text) !== undefined)));
    }
  });
});
