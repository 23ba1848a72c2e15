import assert from "node:assert/strict";
import { test } from "node:test";
import { readMutualTls } from "./own-platform.js";

test("certificates live for eight seconds unless something from 4 s to 12 h is asked for", () => {
  assert.equal(readMutualTls(undefined, undefined), undefined);
  assert.deepEqual(readMutualTls(true, undefined), { lifeMs: 8_000 });
  assert.deepEqual(readMutualTls(true, "4s"), { lifeMs: 4_000 });
  assert.deepEqual(readMutualTls(true, "12h"), { lifeMs: 43_200_000 });
});
