import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { JsonFault, parseJson, plainJson } from "./json-text.js";

const faultOf = (text: string): [number, string] => {
  try {
    parseJson(text);
  } catch (error) {
    if (error instanceof JsonFault) return [error.at, error.message];
    throw error;
  }
  return assert.fail(`${text} was read`);
};

/** Beyond 2^53 digits are kept instead. */
const digits = (_: string, value: unknown): unknown =>
  Number.isInteger(value) && !Number.isSafeInteger(value) && /^-?\d+$/.test(String(value)) ? String(value) : value;

test("what JSON.parse reads is read the same", () => {
  fc.assert(
    fc.property(fc.json(), fc.constantFrom(undefined, 1, "\t"), (text, space) => {
      const value = JSON.parse(text);
      const written = JSON.stringify(value, null, space);
      assert.deepEqual(plainJson(parseJson(written)), JSON.parse(written, digits));
    }),
  );
});

test("what JSON.parse refuses is refused, with a place inside the text", () => {
  fc.assert(
    fc.property(
      fc.json(),
      fc.nat(),
      fc.constantFrom('"', "{", "}", "[", "]", ",", ":", "\\", "x", "\u0000"),
      (text, where, more) => {
        const at = where % (text.length + 1);
        const broken = text.slice(0, at) + more + text.slice(at);
        let isJson = true;
        try {
          JSON.parse(broken);
        } catch {
          isJson = false;
        }
        if (isJson) return;
        const [place] = faultOf(broken);
        assert.ok(place >= 0 && place <= broken.length);
      },
    ),
  );
});

test("a fault says where, and what was expected", () => {
  assert.deepEqual(faultOf('{"a" 1}'), [5, '":" is expected, and there is "1"']);
  assert.deepEqual(faultOf('{"a": 1'), [7, '"," or "}" is expected, and the text ends']);
  assert.deepEqual(faultOf("{a: 1}"), [1, 'a name in double quotes is expected, and there is "a"']);
  assert.deepEqual(faultOf('["x'), [1, "a text is not closed"]);
  assert.deepEqual(faultOf("{} {}"), [3, 'the end is expected, and there is "{"']);
  assert.deepEqual(faultOf("1e999"), [0, "1e999 is beyond what a number can hold"]);
});

test("a name that comes twice is refused, where JSON.parse would take the last", () => {
  assert.deepEqual(faultOf('{"a": 1, "\\u0061": 2}'), [9, '"a" is there twice']);
});

test("an integer beyond 2^53 keeps its digits; __proto__ is a name like any other", () => {
  assert.deepEqual(plainJson(parseJson("[9007199254740993, 9007199254740991, 1e30, -0]")), [
    "9007199254740993",
    9007199254740991,
    1e30,
    -0,
  ]);
  assert.deepEqual(Object.entries(plainJson(parseJson('{"__proto__": 1}')) as object), [["__proto__", 1]]);
});

test("values may be nested 100 deep, and no deeper", () => {
  const nested = (depth: number): string => "[".repeat(depth) + "]".repeat(depth);
  parseJson(nested(101));
  assert.match(faultOf(nested(102))[1], /deeper than 100/);
  assert.match(faultOf("[".repeat(1_000_000))[1], /deeper than 100/);
});
