import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { bestMatch, intersect, patternOf, unspecific } from "./pattern.js";

const few = fc.stringMatching(/^[ab*]{1,6}$/);
const value = fc.stringMatching(/^[ab]{0,7}$/);
const asExpression = (pattern: string): RegExp => new RegExp(`^${pattern.replaceAll("*", ".*")}$`);

describe("patterns", () => {
  it("match as a glob does", () => {
    fc.assert(fc.property(few, value, (text, each) => patternOf(text).matches(each) === asExpression(text).test(each)));
  });

  it("are more specific the more letters they ask for, and most without a star", () => {
    const texts = ["*", "a*", "*a*b", "order.v1.Order*", "a"];
    const specific = texts.map((text) => patternOf(text).specificity);
    assert.deepEqual(
      [...specific].sort((a, b) => a - b),
      specific,
    );
    assert.equal(bestMatch([patternOf("*"), patternOf("Log*"), patternOf("x")], "Login"), 3);
    assert.equal(bestMatch([], "Login"), unspecific);
    assert.equal(bestMatch([patternOf("x")], "Login"), undefined);
  });

  it("intersect when some text matches both", () => {
    fc.assert(
      fc.property(few, few, value, (a, b, each) => {
        const both = patternOf(a).matches(each) && patternOf(b).matches(each);
        return !both || intersect(a, b);
      }),
    );
    const all = ["", "a", "b"];
    for (let length = 2; length <= 6; length++) {
      for (const each of all.filter((text) => text.length === length - 1)) all.push(`${each}a`, `${each}b`);
    }
    // What intersects has a text of at most the letters of both.
    const short = fc.stringMatching(/^[ab*]{1,3}$/);
    fc.assert(
      fc.property(short, short, (a, b) => {
        const found = all.some((text) => asExpression(a).test(text) && asExpression(b).test(text));
        assert.equal(intersect(a, b), found, `${a} ${b}`);
      }),
    );
  });
});
