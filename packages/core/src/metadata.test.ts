import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Metadata } from "./metadata.js";

describe("Metadata", () => {
  test("keeps several values of a key, in their order among the others", () => {
    const metadata = Metadata.of({ a: ["1", "2"], b: "3" }).append("a", "4");
    assert.equal(metadata.get("a"), "1");
    assert.deepEqual(metadata.getAll("a"), ["1", "2", "4"]);
    assert.deepEqual(
      [...metadata],
      [
        ["a", "1"],
        ["a", "2"],
        ["b", "3"],
        ["a", "4"],
      ],
    );
    assert.equal(metadata.size, 4);
  });

  test("set replaces every value, delete removes every value", () => {
    const metadata = Metadata.of([
      ["a", "1"],
      ["b", "2"],
      ["a", "3"],
    ]);
    metadata.set("a", "4");
    assert.deepEqual(metadata.getAll("a"), ["4"]);
    assert.equal(metadata.delete("a"), true);
    assert.equal(metadata.delete("a"), false);
    assert.deepEqual([...metadata], [["b", "2"]]);
  });

  test("text and bytes are asked for apart", () => {
    const metadata = Metadata.of({ "k-bin": Uint8Array.of(1), t: "x" });
    assert.deepEqual(metadata.getBytes("k-bin"), Uint8Array.of(1));
    assert.equal(metadata.get("k-bin"), undefined);
    assert.equal(metadata.getBytes("t"), undefined);
    assert.equal(metadata.get("absent"), undefined);
    assert.equal(metadata.getBytes("absent-bin"), undefined);
    assert.equal(metadata.has("t"), true);
  });

  test("a copy goes its own way; appendAll takes every pair", () => {
    const one = Metadata.of({ a: "1" });
    const two = one.copy().append("b", "2");
    assert.equal(one.size, 1);
    one.appendAll(two);
    assert.deepEqual(
      [...one].map(([key, value]) => key + value),
      ["a1", "a1", "b2"],
    );
  });

  for (const [why, key, value] of [
    ["upper case", "Key", "x"],
    ["an empty key", "", "x"],
    ["a space in the key", "a b", "x"],
    ["a pseudo-header", ":path", "x"],
    ["a line break", "a", "x\r\ny: z"],
    ["text beyond ASCII", "a", "茶"],
    ["bytes under a text key", "a", Uint8Array.of(1)],
    ["text under a bytes key", "a-bin", "x"],
  ] as const) {
    test(`refuses ${why}`, () => {
      assert.throws(() => new Metadata().append(key, value), TypeError);
      assert.throws(() => new Metadata().set(key, value), TypeError);
      assert.throws(() => Metadata.of([[key, value]]), TypeError);
    });
  }
});
