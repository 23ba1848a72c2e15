import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { GatewayErrors } from "../errors.js";
import { parseJson } from "./json-text.js";

const parse = (text: string, depth = 32): unknown => parseJson(Buffer.from(text), depth);
const refused = (why: RegExp) => (error: unknown) => GatewayErrors.MALFORMED_BODY.is(error) && why.test(error.message);

test("reads what JSON.parse reads", () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 8 }), fc.constantFrom(0, 2), (value, indent) => {
      const text = JSON.stringify(value, null, indent);
      // Whole numbers that are not exact are refused by design.
      fc.pre(!/\d{16}/.test(text));
      assert.deepEqual(parse(text, 100), JSON.parse(text));
    }),
  );
});

test("no text crashes it, and what it accepts is what JSON.parse says", () => {
  const unit = fc.constantFrom(...'{}[]",:\\u0041e-.0123456789 tn'.split(""), "true", "null", '"a"', "é");
  fc.assert(
    fc.property(fc.string({ unit, maxLength: 40 }), (text) => {
      let value: unknown;
      try {
        value = parse(text);
      } catch (error) {
        assert.ok(GatewayErrors.MALFORMED_BODY.is(error), String(error));
        return;
      }
      assert.deepEqual(value, JSON.parse(text));
    }),
    { numRuns: 3000 },
  );
});

test("nesting is limited, and text with brackets is not nesting", () => {
  const nested = (depth: number): string => `${'{"a":['.repeat(depth / 2)}${"]}".repeat(depth / 2)}`;
  parse(nested(32));
  assert.throws(() => parse(nested(34)), refused(/nested deeper than 32/));
  assert.throws(() => parse("[".repeat(1_000_000)), refused(/nested deeper/));
  parse(JSON.stringify("[{".repeat(100)));
});

test("a key that appears twice in one object is refused, also in disguise", () => {
  assert.throws(() => parse('{"a":1,"b":{},"a":2}'), refused(/"a" appears twice/));
  assert.throws(() => parse('{"a":1,"\\u0061":2}'), refused(/"a" appears twice/));
  assert.throws(() => parse('[{"x":{"k":1,"k":1}}]'), refused(/"k" appears twice/));
  assert.throws(
    () => parse(`{${Array.from({ length: 40 }, (_, i) => `"k${i % 39}":1`).join()}}`),
    refused(/"k0" appears twice/),
  );
  parse('{"a":{"a":["a","a",{"a":1}]},"b":"a"}');
  parse(`{${Array.from({ length: 40 }, (_, i) => `"k${i}":1`).join()}}`);
});

test("whole numbers that a double cannot hold are refused", () => {
  assert.deepEqual(parse('{"a":9007199254740991,"b":"9007199254740993"}'), {
    a: 9007199254740991,
    b: "9007199254740993",
  });
  assert.throws(() => parse('{"a":9007199254740993}'), refused(/send it as a string/));
  assert.throws(() => parse('{"a":-9007199254740993}'), refused(/send it as a string/));
  assert.throws(() => parse("1".repeat(1000)), refused(/send it as a string/));
  assert.equal(parse("0.50000000000000000000"), 0.5);
  assert.equal(parse("1e300"), 1e300);
});

test("bytes that are not UTF-8 are refused", () => {
  for (const bytes of [
    [0x22, 0xff, 0x22],
    [0x22, 0xc0, 0x80, 0x22],
    [0x22, 0xed, 0xa0, 0x80, 0x22],
  ]) {
    assert.throws(() => parseJson(Buffer.from(bytes), 32), refused(/not valid UTF-8/));
  }
  assert.equal(parse('"茶"'), "茶");
});
