import assert from "node:assert/strict";
import { test } from "node:test";
import { create, equals, fromJson, toJson } from "@bufbuild/protobuf";
import fc from "fast-check";
import { routesOf } from "../routing/routes.js";
import { contractOf } from "../testing/contract.fixture.js";
import { bindQuery } from "./query.js";
import { maxViolations, type Violation } from "./violations.js";

const [route] = routesOf([contractOf({ Find: { http: { pattern: { case: "get", value: "/things/{name}" } } } })]);
assert.ok(route !== undefined);
const thing = route.method.input;

function bind(query: string) {
  const message = create(thing);
  const violations: Violation[] = [];
  bindQuery(route as NonNullable<typeof route>, query, message, violations);
  return {
    message,
    json: toJson(thing, message),
    said: violations.map(({ field, description }) => `${field} ${description}`),
  };
}

for (const [query, json] of [
  ["count=7&flag=true&big=-9", { count: 7, flag: true, big: "-9" }],
  ["tags=a&tags=b&numbers=1&numbers=2", { tags: ["a", "b"], numbers: [1, 2] }],
  [
    "inner.city=x&inner.deeper.zip_code=3&inner.zipCode=4",
    { inner: { city: "x", zipCode: "4", deeper: { zipCode: "3" } } },
  ],
  ["leftSide=a+b%2Bc%26", { leftSide: "a b+c&" }],
  ["color=RED", { color: "RED" }],
  ["color=2", { color: "GREEN" }],
  [
    "at=2026-01-31T08:00:00Z&wait=1.5s&boxed=12&boxed_flag=false",
    { at: "2026-01-31T08:00:00Z", wait: "1.500s", boxed: "12", boxedFlag: false },
  ],
  ["labels[a]=b&labels[c d]=e", { labels: { a: "b", "c d": "e" } }],
  ["labels[__proto__x]=1", { labels: { __proto__x: "1" } }],
  ["blob=YQ%3D%3D", { blob: "YQ==" }],
  ["middle.city=m&middle.zip_code=1", { middle: { city: "m", zipCode: "1" } }],
  ["ratio=1e3&single=-0.5", { ratio: 1000, single: -0.5 }],
  ["&&count=1&", { count: 1 }],
  ["leftSide", { leftSide: "" }],
] as const) {
  test(`binds ${query}`, () => assert.deepEqual(bind(query), { ...bind(query), json, said: [] }));
}

for (const [query, said] of [
  ["nope=1", "nope is not a query parameter of this method"],
  ["=1", " is not a query parameter of this method"],
  ["inner.nope=1", "inner.nope is not a query parameter of this method"],
  ["inners.city=1", "inners.city is not a query parameter of this method"],
  ["name=x", "name is set by the path, not by the query"],
  ["count=1&count=1", "count is given twice"],
  ["count=", "count must be a whole number from -2147483648 to 2147483647"],
  ["count=0x10", "count must be a whole number from -2147483648 to 2147483647"],
  ["count=%201", "count must be a whole number from -2147483648 to 2147483647"],
  [
    "big=9223372036854775808",
    "big must be a whole number from -9223372036854775808 to 9223372036854775807, as a string",
  ],
  ["flag=1", "flag must be true or false"],
  ["ratio=1e999", "ratio must be a number"],
  ["color=red", "color must be one of COLOR_UNSPECIFIED, RED, GREEN"],
  ["inner=x", "inner is an object: name a field of it"],
  ["inners=x", "inners is an object: name a field of it"],
  ["at=now", "at must be a time such as 2026-01-31T08:00:00Z"],
  ["leftSide=a&right_side=1", "rightSide cannot be given together with leftSide"],
  ["leftSide=a&middle.city=1", "middle.city cannot be given together with leftSide"],
  ["leftSide=%ff", "leftSide is not valid percent-encoded UTF-8 in the query"],
  ["%zz=1", "%zz is not valid percent-encoded UTF-8 in the query"],
  ["labels=x", "labels is a map: write its entries as name[key]=value"],
  ["labels[a]=1&labels[a]=2", 'labels["a"] is given twice'],
  ["innersByKey[1]=x", "innersByKey[1] is a map of objects, which the query cannot carry"],
  ["tags[0]=x", "tags[0] is not a map"],
  ["free=x", "free is an object: name a field of it"],
] as const) {
  test(`refuses ${query}`, () => assert.deepEqual(bind(query).said, [said]));
}

test("stops after enough", () => {
  assert.equal(bind(Array.from({ length: 1000 }, (_, i) => `x${i}=1`).join("&")).said.length, maxViolations);
});

test("any message of query fields comes back from its query string", () => {
  const text = fc.string({ unit: "grapheme", maxLength: 8 });
  const int32 = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
  const arbitrary = fc.record(
    {
      count: int32,
      big: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(String),
      bigUnsigned: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map(String),
      flag: fc.boolean(),
      // Minus zero has no text of its own.
      ratio: fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0),
      color: fc.constantFrom("RED", "GREEN"),
      blob: fc.uint8Array({ maxLength: 9 }).map((bytes) => Buffer.from(bytes).toString("base64")),
      tags: fc.array(text, { maxLength: 4 }),
      numbers: fc.array(int32, { maxLength: 4 }),
      leftSide: text,
    },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(
      arbitrary,
      fc.record({ city: text, zipCode: int32 }),
      fc.dictionary(text, text),
      (flat, inner, labels) => {
        const pairs: [string, unknown][] = Object.entries(flat).flatMap(([key, value]) =>
          Array.isArray(value)
            ? value.map((each): [string, unknown] => [key, each])
            : [[key, value] as [string, unknown]],
        );
        pairs.push(...Object.entries(inner).map(([key, value]): [string, unknown] => [`inner.${key}`, value]));
        pairs.push(...Object.entries(labels).map(([key, value]): [string, unknown] => [`labels[${key}]`, value]));
        const query = pairs.map((pair) => pair.map((part) => encodeURIComponent(String(part))).join("=")).join("&");
        const { message, said } = bind(query);
        assert.deepEqual(said, []);
        const expected = fromJson(thing, { ...flat, inner, labels });
        assert.ok(equals(thing, message, expected), `${query}: ${JSON.stringify(toJson(thing, message))}`);
      },
    ),
    { numRuns: 500 },
  );
});

test("any query either binds or is refused with a field", () => {
  const unit = fc.constantFrom(..."=&.[]%+0a".split(""), "count", "tags", "labels", "inner", "city", "%41", "%e8");
  fc.assert(
    fc.property(fc.string({ unit, maxLength: 12 }), (query) => {
      for (const line of bind(query).said) assert.ok(line.length > 0);
    }),
    { numRuns: 3000 },
  );
});
