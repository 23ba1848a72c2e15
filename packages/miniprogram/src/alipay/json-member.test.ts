import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { jsonMember } from "./json-member.js";

test("a member's text is found as it was sent", () => {
  const text = '{ "other" : [1,{"a_response":2}] ,\n"a_response":{"u":"https:\\/\\/x","t":"}\\"{"} , "sign":"S"}';
  assert.equal(jsonMember(text, "a_response"), '{"u":"https:\\/\\/x","t":"}\\"{"}');
  assert.equal(jsonMember(text, "sign"), '"S"');
  assert.equal(jsonMember('{"n":-1.5e3}', "n"), "-1.5e3");
  assert.equal(jsonMember('{"n": null }', "n"), "null");
});

test("what is not there, or twice, is not found", () => {
  assert.equal(jsonMember("{}", "a"), undefined);
  assert.equal(jsonMember('{"b":{"a":1}}', "a"), undefined);
  assert.equal(jsonMember('{"b":"\\"a\\":1"}', "a"), undefined);
  assert.equal(jsonMember('{"a":1,"a":2}', "a"), undefined);
  // The same name, written in another way.
  assert.equal(jsonMember('{"a":1,"\\u0061":2}', "a"), undefined);
});

test("whatever the object, and however it is spaced, each member is read as parsing reads it", () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.constantFrom(0, 1, "\t"), (object, space) => {
      const text = JSON.stringify(object, undefined, space);
      const parsed = JSON.parse(text) as Record<string, unknown>;
      for (const name of Object.keys(parsed)) {
        assert.deepEqual(JSON.parse(jsonMember(text, name) ?? assert.fail(name)), parsed[name]);
      }
    }),
    { numRuns: 500 },
  );
});
