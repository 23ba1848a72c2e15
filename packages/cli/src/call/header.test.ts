import assert from "node:assert/strict";
import { test } from "node:test";
import { CommandError } from "../command/command-error.js";
import { maxHeaderOctets, readHeaders } from "./header.js";

test("headers are name: value, in order, again and again; a -bin name takes base64 with or without padding", () => {
  const pairs = [...readHeaders(["X-Key: a: b", "x-key:c", "data-bin: AQI=", "data-bin: AQI", "empty:"])];
  const bytes = new Uint8Array([1, 2]);
  assert.deepEqual(pairs, [
    ["x-key", "a: b"],
    ["x-key", "c"],
    ["data-bin", bytes],
    ["data-bin", bytes],
    ["empty", ""],
  ]);
});

test("what cannot be sent is refused, with status 2 and the reason", () => {
  const cases: readonly (readonly [string, RegExp])[] = [
    ["no colon", /it is not name: value/],
    [": x", /it is not name: value/],
    ["spaced name: x", /lower-case letters/],
    ["x: 茶", /printable ASCII/],
    ["x-bin: not base64!", /must be base64/],
    ["x-bin: A", /must be base64/],
  ];
  for (const [text, why] of cases) {
    assert.throws(
      () => readHeaders([text]),
      (error) => error instanceof CommandError && error.status === 2 && why.test(error.message),
      text,
    );
  }
});

test("all together have a limit", () => {
  assert.equal(readHeaders([`x: ${"v".repeat(maxHeaderOctets - 1)}`]).size, 1);
  assert.throws(() => readHeaders([`x: ${"v".repeat(maxHeaderOctets)}`]), /more than 65536 octets/);
});
