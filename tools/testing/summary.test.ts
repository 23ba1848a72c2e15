import assert from "node:assert/strict";
import { test } from "node:test";
import { forbidSkips, suiteLine, summaryLines } from "./summary.mjs";

const suite = {
  name: "a.test.ts",
  passed: 3,
  failed: [{ name: "outer › fails", error: "expected 1\nto be 2" }],
  skipped: [{ name: "waits", reason: "no engine" }],
  ms: 1234,
};

test("the failures come with their reasons, and the counts are the last line", () => {
  assert.deepEqual(summaryLines([suite, { name: "gate:x", passed: 1, failed: [], skipped: [], ms: 1 }]), [
    "",
    "Skipped:",
    "  a.test.ts › waits: no engine",
    "",
    "FAILED a.test.ts › outer › fails",
    "    expected 1",
    "    to be 2",
    "",
    "4 passed, 1 failed, 1 skipped",
  ]);
  assert.equal(suiteLine(suite), "FAIL a.test.ts  (3 passed · 1 failed · 1 skipped · 1.2 s)");
});

test("in CI a skip is a failure unless it is listed with a reason", () => {
  const strict = forbidSkips(suite, {});
  assert.deepEqual([strict.failed.length, strict.skipped.length], [2, 0]);
  assert.match(strict.failed[1]?.error ?? "", /no engine\nMake it run, or list it/);
  assert.deepEqual(forbidSkips(suite, { "a.test.ts › waits": "why" }), suite);
  assert.deepEqual(forbidSkips(suite, { "a.test.ts": "why" }), suite);
});
