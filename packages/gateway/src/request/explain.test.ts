import assert from "node:assert/strict";
import { test } from "node:test";
import { fromJson, type JsonValue } from "@bufbuild/protobuf";
import fc from "fast-check";
import { registryOf } from "../response/registry.js";
import { contractOf, thingDesc } from "../testing/contract.fixture.js";
import { explain } from "./explain.js";
import { maxViolations } from "./violations.js";

const thing = thingDesc();
const registry = registryOf([contractOf({})]);
const told = (json: JsonValue): string[] =>
  explain(thing, json, registry).map(({ field, description }) => `${field} ${description}`);

test("names each wrong field by its path, in JSON names", () => {
  assert.deepEqual(
    told({
      name: 1,
      inner: { zipCode: "x", citty: "" },
      inners: [{ city: "a" }, { city: 2 }, null, { deeper: { deeper: { city: [] } } }],
      tags: ["a", null, 3],
      innersByKey: { 1: { city: 4 }, x: {} },
      labels: { a: 1 },
      color: "BLUE",
    }),
    [
      "name must be a string",
      "inner.zipCode must be a whole number from -9223372036854775808 to 9223372036854775807, as a string",
      "inner.citty is not a field of this message",
      "inners[1].city must be a string",
      "inners[2] must not be null",
      "inners[3].deeper.deeper.city must be a string",
      "tags[1] must not be null",
      "tags[2] must be a string",
      "innersByKey[1].city must be a string",
      'labels["a"] must be a string',
      "color must be one of COLOR_UNSPECIFIED, RED, GREEN",
    ],
  );
});

for (const [json, said] of [
  [[], " must be an object"],
  ["text", " must be an object"],
  [null, " must be an object"],
  [{ count: 2147483648 }, "count must be a whole number from -2147483648 to 2147483647"],
  [{ count: 1.5 }, "count must be a whole number from -2147483648 to 2147483647"],
  [{ bigUnsigned: "-1" }, "bigUnsigned must be a whole number from 0 to 18446744073709551615, as a string"],
  [{ flag: "true" }, "flag must be true or false"],
  [{ blob: "%" }, "blob must be a string of base64"],
  [{ at: "yesterday" }, "at must be a time such as 2026-01-31T08:00:00Z"],
  [{ wait: 5 }, 'wait must be a duration such as "1.5s"'],
  [{ boxed: {} }, "boxed must be a whole number from -9223372036854775808 to 9223372036854775807, as a string"],
  [{ tags: {} }, "tags must be a list"],
  [{ labels: [] }, "labels must be an object"],
  [{ inner: 3 }, "inner must be an object"],
  [{ any: { "@type": "x/unknown.Type" } }, "any must be an object with an @type that the contract knows"],
  [{ leftSide: "a", rightSide: 1 }, "rightSide cannot be given together with leftSide"],
  [{ left_side: "a", leftSide: "b" }, "leftSide is given twice, under its two names"],
  [{ __proto__x: 1 }, "__proto__x is not a field of this message"],
] as const satisfies readonly (readonly [JsonValue, string])[]) {
  test(`says of ${JSON.stringify(json)}: ${said}`, () => assert.ok(told(json).includes(said), told(json).join("\n")));
}

test("stops after enough", () => {
  const many = Object.fromEntries(Array.from({ length: 1000 }, (_, i) => [`x${i}`, 1]));
  assert.equal(explain(thing, many, registry).length, maxViolations);
  assert.equal(explain(thing, { tags: Array.from({ length: 1000 }, () => 1) }, registry).length, maxViolations);
});

test("finds something exactly when fromJson refuses", () => {
  const keys = fc.constantFrom(...thing.fields.flatMap((field) => [field.name, field.jsonName]), "nope");
  const leaf = fc.oneof(
    fc.constantFrom<JsonValue>(null, true, 0, 1, -1, 1.5, 1e20, "", "1", "RED", "2026-01-31T08:00:00Z", "1.5s", "YQ=="),
    fc.constantFrom<JsonValue>([], {}, [1], ["a"], { city: "x" }, [{ city: "x" }], { 1: { city: "y" } }, { a: "b" }, [
      null,
    ]),
  );
  fc.assert(
    fc.property(fc.dictionary(keys, leaf, { maxKeys: 4 }), (json) => {
      let accepted = true;
      try {
        fromJson(thing, json, { registry });
      } catch {
        accepted = false;
      }
      assert.equal(told(json).length === 0, accepted, JSON.stringify(json));
    }),
    { numRuns: 3000 },
  );
});
