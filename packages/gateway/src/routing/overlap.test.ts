import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type Overlap, overlap } from "./overlap.js";
import { templateText } from "./template.fixture.js";
import { parseTemplate, rest, star, type Template } from "./template.js";

for (const [a, b, expected] of [
  ["/v1/{a}", "/v1/{b}", "same"],
  ["/v1/{a}/x", "/v1/b/{c}", "crossing"],
  ["/v1/a/**", "/v1/{x}/y", "crossing"],
  ["/v1/me", "/v1/{id}", "narrower"],
  ["/v1/{id}", "/v1/{x=**}", "narrower"],
  ["/v1/**", "/v1", "wider"],
  ["/v1/{id}:go", "/v1/{id}", "disjoint"],
  ["/v1/a", "/v1/a/b", "disjoint"],
] as const) {
  test(`${a} and ${b} are ${expected}`, () => {
    assert.equal(overlap(parseTemplate(a), parseTemplate(b)), expected);
  });
}

/** All paths of up to six segments over the words of the templates and one that is in none. */
const paths: string[][] = [[]];
for (const path of paths) if (path.length < 6) for (const word of ["a", "b", "c", "z"]) paths.push([...path, word]);

function matches(template: Template, path: readonly string[]): boolean {
  const open = template.segments.at(-1) === rest;
  const fixed = open ? template.segments.slice(0, -1) : template.segments;
  if (open ? path.length < fixed.length : path.length !== fixed.length) return false;
  return fixed.every((segment, i) => segment === star || (typeof segment !== "string" && segment.literal === path[i]));
}

test("says what comparing all paths says", () => {
  fc.assert(
    fc.property(templateText(), templateText(), (one, two) => {
      const [a, b] = [parseTemplate(one.text), parseTemplate(two.text)];
      let [both, onlyA, onlyB] = [false, false, false];
      for (const path of paths) {
        const [inA, inB] = [matches(a, path), matches(b, path)];
        both ||= inA && inB;
        onlyA ||= inA && !inB;
        onlyB ||= inB && !inA;
      }
      let expected: Overlap = "crossing";
      if (!both || a.verb !== b.verb) expected = "disjoint";
      else if (!onlyA) expected = onlyB ? "narrower" : "same";
      else if (!onlyB) expected = "wider";
      assert.equal(overlap(a, b), expected);
    }),
    { numRuns: 300 },
  );
});
