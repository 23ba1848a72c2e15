import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { JsonSplitter, type JsonText } from "./json-splitter.js";

function split(...chunks: string[]): JsonText[] {
  const splitter = new JsonSplitter(1_000_000);
  const found = chunks.flatMap((chunk) => [...(splitter.push(chunk) ?? [])]);
  const rest = splitter.end();
  return rest === undefined ? found : [...found, rest];
}

test("values come out whole, however they are cut into chunks", () => {
  const blank = fc.constantFrom(" ", "\n", "\r\n", "\t ");
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.json(), blank)), fc.array(fc.nat()), (values, cuts) => {
      const text = values.map(([value, space]) => value + space).join("");
      const places = [...new Set(cuts.map((cut) => cut % (text.length + 1)))].sort((a, b) => a - b);
      const chunks = [0, ...places].map((from, index) => text.slice(from, places[index] ?? text.length));
      assert.deepEqual(
        split(...chunks).map((each) => JSON.parse(each.text)),
        values.map(([value]) => JSON.parse(value)),
      );
    }),
  );
});

test("objects, arrays and texts need nothing between them, and are there with their last character", () => {
  const splitter = new JsonSplitter(100);
  const texts = (chunk: string) => splitter.push(chunk)?.map(({ text }) => text);
  assert.deepEqual(texts('{"a": "}\\""}[1]"x"'), ['{"a": "}\\""}', "[1]", '"x"']);
  assert.deepEqual(texts("12"), []);
  assert.deepEqual(texts("3 "), ["123"]);
  assert.deepEqual(texts("7{}"), ["7", "{}"]);
  assert.equal(splitter.end(), undefined);
});

test("each knows where it starts", () => {
  assert.deepEqual(split('{}\n  {"a":\n1} [', "]\n3"), [
    { text: "{}", line: 1, column: 1 },
    { text: '{"a":\n1}', line: 2, column: 3 },
    { text: "[]", line: 3, column: 4 },
    { text: "3", line: 4, column: 1 },
  ]);
});

test("what is out of place is handed on for its reader to refuse", () => {
  assert.deepEqual(
    split("} {").map(({ text }) => text),
    ["}", "{"],
  );
});

test("a value of the largest length is taken, a longer one is not", () => {
  const limited = () => new JsonSplitter(10);
  assert.equal(limited().push(`"${"x".repeat(8)}"`)?.length, 1);
  assert.equal(limited().push(`"${"x".repeat(9)}"`), undefined);
  assert.deepEqual(limited().push(" ".repeat(1000)), []);
});
