import assert from "node:assert/strict";
import { test } from "node:test";
import { Code } from "@sampan/core";
import { hasStatus, statusSet, statusWords } from "./status-words.js";

test("every status but OK has a word, and a set holds what its words say", () => {
  assert.equal(statusWords.length, 16);
  assert.ok(statusWords.includes("deadline-exceeded"));
  const set = statusSet(["deadline-exceeded", "unavailable", "ok", "no-such"]);
  const held = Object.values(Code).filter((code) => hasStatus(set, code));
  assert.deepEqual(held, [Code.DeadlineExceeded, Code.Unavailable]);
  for (const [i, word] of statusWords.entries()) assert.equal(statusSet([word]), 1 << (i + 1));
});
