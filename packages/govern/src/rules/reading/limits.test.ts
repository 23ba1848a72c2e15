import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { RuleLimits } from "../limits.js";
import { testSections } from "../rules.fixture.js";
import { readRules } from "./read-rules.js";

function whyNot(text: string, limits: Partial<RuleLimits>): string | undefined {
  return readRules(text, { sections: testSections, limits }).problems?.[0]?.why;
}

const one = "rules: [{ name: a, tea: 3s }]";

describe("the limits of a rule document", () => {
  it("hold for its size in bytes, not characters", () => {
    const text = `${one} # 茶`;
    const size = Buffer.byteLength(text);
    assert.equal(whyNot(text, { maxBytes: size }), undefined);
    assert.equal(whyNot(text, { maxBytes: size - 1 }), `the document has ${size} bytes`);
  });

  it("hold for the number of rules", () => {
    const text = "rules: [{ name: a, match: { service: a }, tea: 3s }, { name: b, tea: 3s }]";
    assert.equal(whyNot(text, { maxRules: 2 }), undefined);
    assert.equal(whyNot(text, { maxRules: 1 }), "has 2 entries");
  });

  it("hold for its depth", () => {
    const text = "rules: [{ name: a, tea: { brew: 3s, extra: [[]] } }]";
    assert.equal(whyNot(text, { maxDepth: 6 }), undefined);
    assert.equal(whyNot(text, { maxDepth: 5 }), "is nested too deeply");
  });

  it("hold for its values", () => {
    assert.equal(whyNot(one, { maxValues: 5 }), undefined);
    assert.equal(whyNot(one, { maxValues: 4 }), "the document has too many values");
  });

  it("hold for the problems that are listed", () => {
    const { problems } = readRules("rules: [{}, {}, {}, {}]", { sections: testSections, limits: { maxProblems: 3 } });
    assert.equal(problems?.length, 3);
  });

  it("count what aliases repeat, so that a billion laughs end early", () => {
    const lines = ["a0: &a0 [lol, lol]"];
    for (let level = 1; level < 12; level++) {
      const before = `*a${level - 1}`;
      lines.push(`a${level}: &a${level} [${Array.from({ length: 10 }, () => before).join(", ")}]`);
    }
    assert.equal(whyNot(lines.join("\n"), {}), "the document has too many values");
  });

  it("let ordinary aliases through, and refuse one that leads into itself or nowhere", () => {
    assert.equal(
      whyNot("rules: [{ name: a, tea: &t { brew: 3s } }, { name: b, match: { tenant: x }, tea: *t }]", {}),
      undefined,
    );
    assert.equal(whyNot("rules: &r [{ name: a, tea: { brew: 3s, extra: *r } }]", {}), "the alias leads into itself");
    assert.match(whyNot("rules: *nowhere", {}) ?? "", /alias/);
  });

  it("outlast brackets by the hundred thousand and names that objects have", () => {
    assert.notEqual(whyNot("[".repeat(200_000), {}), undefined);
    assert.notEqual(whyNot("{a: ".repeat(100_000), {}), undefined);
    assert.equal(whyNot("{ rules: [], __proto__: { x: 1 } }", {}), "is not known here");
    assert.equal(whyNot("{ rules: [], constructor: 1 }", {}), "is not known here");
    assert.equal(({} as { x?: number }).x, undefined);
  });
});
