import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Ajv2020 } from "ajv/dist/2020.js";
import fc from "fast-check";
import { readRules } from "./reading/read-rules.js";
import { documentSchema, ruleFields } from "./rule-document.js";
import { testSections } from "./rules.fixture.js";
import type { FieldSpec, Fields, SectionSpec } from "./section.js";
import { allSections } from "./sections.js";

/** Mostly right values of a field, and wrong ones: of other types, out of range, unknown. */
function writtenFor(spec: FieldSpec, depth = 0): fc.Arbitrary<unknown> {
  const wrong = fc.oneof(
    fc.constantFrom(null, true, 0, 1, -1, 2.5, 1e12, "", "x", "5s", "25%", "10/s", "64KiB", "*", "07:50", [], {}, [[]]),
    fc.constantFrom(["a"], [1, 2], { a: 1 }, "é".repeat(300), "24:00", "2026-11-11", "999%", "0"),
  );
  return fc.oneof({ weight: 6, arbitrary: rightFor(spec, depth) }, { weight: 1, arbitrary: wrong });
}

function rightFor(spec: FieldSpec, depth: number): fc.Arbitrary<unknown> {
  switch (spec.kind) {
    case "duration":
      return fc.constantFrom("0", 0, "5ms", "1s", "1m30s", "2h");
    case "size":
      return fc.constantFrom("0", 512, "64KiB", "16MB");
    case "ratio":
      return fc.constantFrom("0%", "25%", 0.25, 1, "100%");
    case "rate":
      return fc.constantFrom("5/s", 5, "30000/m", "1/5s");
    case "integer":
      return fc.oneof(fc.constantFrom(spec.min ?? 0, spec.max ?? 10), fc.integer({ min: -2, max: 20 }));
    case "number":
      return fc.oneof(fc.constantFrom(spec.min ?? 0, spec.max ?? 10), fc.integer({ min: -2, max: 20 }));
    case "boolean":
      return fc.boolean();
    case "choice":
      return fc.constantFrom(...spec.of);
    case "text":
      return fc.oneof(
        fc.constantFrom("a", "tenant", "07:50", "24:00", "UTC", "2026-11-11", "a.v1.B/C", "user"),
        fc.string(),
      );
    case "json":
      return fc.jsonValue({ maxDepth: 2 });
    case "list":
      return fc.array(writtenFor(spec.items, depth + 1), { maxLength: 4 });
    case "map":
      return fc.dictionary(fc.constantFrom("a", "b", "c", "__proto__"), writtenFor(spec.values, depth + 1), {
        maxKeys: 3,
      });
    case "object": {
      const required = Object.entries(spec.fields).filter(([, field]) => field.required);
      const all = fc.record(recordOf(spec.fields, depth), { requiredKeys: required.map(([name]) => name) });
      const odd = fc.record({ ...recordOf(spec.fields, depth), unknown: fc.constant(1) }, { requiredKeys: [] });
      const short = spec.short === undefined ? undefined : spec.fields[spec.short];
      const choices: fc.Arbitrary<unknown>[] = [all, all, all, odd];
      if (short !== undefined) choices.push(writtenFor(short, depth + 1));
      return fc.oneof(...choices);
    }
  }
}

function recordOf(fields: Fields, depth: number): Record<string, fc.Arbitrary<unknown>> {
  return Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, writtenFor(field, depth + 1)]));
}

function agreesOn(sections: readonly SectionSpec[]): void {
  const validate = new Ajv2020({ strict: true, allowUnionTypes: true }).compile(documentSchema(sections, 1000));
  const rule = fc.record(recordOf(ruleFields(sections), 0), { requiredKeys: ["name"] });
  const documents = fc.oneof(
    { weight: 8, arbitrary: fc.record({ rules: fc.array(rule, { maxLength: 2 }) }) },
    { weight: 1, arbitrary: fc.record({ rules: fc.jsonValue() }) },
    { weight: 1, arbitrary: fc.jsonValue() },
  );
  fc.assert(
    fc.property(documents, (document) => {
      const { problems = [] } = readRules(JSON.stringify(document), { sections, limits: { maxProblems: 100_000 } });
      const structural = problems.filter(({ beyondSchema }) => !beyondSchema);
      const bySchema = validate(JSON.parse(JSON.stringify(document)));
      assert.equal(bySchema, structural.length === 0, JSON.stringify([validate.errors, structural], null, 1));
    }),
    { numRuns: 1500 },
  );
}

describe("the JSON Schema of rules", () => {
  it("accepts and refuses what the reader does, but for ranges of units and contradictions", () => {
    agreesOn(testSections);
  });

  it("does so for the sections that there are", () => {
    agreesOn(allSections);
  });

  it("refuses in strict mode what it does not know", () => {
    const validate = new Ajv2020({ strict: true, allowUnionTypes: true }).compile(documentSchema(testSections, 1000));
    assert.equal(validate({ rules: [{ name: "a", tea: "3s" }] }), true);
    assert.equal(validate({ rules: [{ name: "a", tee: "3s" }] }), false);
    assert.equal(validate({}), false);
  });
});
