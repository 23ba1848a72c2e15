import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { printable, quote, shorten } from "./escape.js";

const dangerous = /[\p{Cc}\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]/u;
const text = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.string({
    unit: fc.constantFrom("\n", "\r", "\u001b", "[2J", "\u0085", "\u202e", "\u2028", '"', "\\", "a", "中", "\ud800"),
  }),
);

describe("escaping", () => {
  it("quotes any text in one line without control characters, and it reads back", () => {
    fc.assert(fc.property(text, (each) => !dangerous.test(quote(each)) && JSON.parse(quote(each)) === each));
  });

  it("prints any text without control characters", () => {
    fc.assert(fc.property(text, (each) => !dangerous.test(printable(each))));
    assert.equal(printable("a\nb\t\u001b[31m中"), "a\\nb\\t\\u001b[31m中");
  });

  it("shortens and says by how much", () => {
    assert.equal(shorten("abcdef", 4), "abcd…[2 more]");
    assert.equal(shorten("abcd", 4), "abcd");
  });
});
