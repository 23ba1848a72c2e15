import assert from "node:assert/strict";
import { test } from "node:test";
import { MiniProgramErrors } from "../errors.js";
import { apiError } from "./api-errors.js";
import { type Remedy, remedyOf } from "./retry-policy.js";

test("what is done about an error depends on what may have happened, and on what a repetition would do", () => {
  const expected: [Error, Remedy, Remedy, Remedy][] = [
    // always, when-refused, when-unsent
    [MiniProgramErrors.PLATFORM_UNREACHABLE(), "again", "again", "again"],
    [MiniProgramErrors.PLATFORM_NO_ANSWER(), "again", "none", "none"],
    [MiniProgramErrors.PLATFORM_BUSY({ platform_code: "HTTP 502" }), "again", "none", "none"],
    [apiError(-1, ""), "again", "again", "none"],
    [apiError(40001, ""), "new-token", "new-token", "new-token"],
    [apiError(40014, ""), "new-token", "new-token", "new-token"],
    [apiError(42001, ""), "new-token", "new-token", "new-token"],
    [apiError(40013, ""), "none", "none", "none"],
    [apiError(40029, ""), "none", "none", "none"],
    [apiError(45009, ""), "none", "none", "none"],
    [apiError(45011, ""), "none", "none", "none"],
    [apiError(47003, ""), "none", "none", "none"],
    [new Error("another"), "none", "none", "none"],
  ];
  for (const [error, ...remedies] of expected) {
    const found = (["always", "when-refused", "when-unsent"] as const).map((repeatable) => remedyOf(error, repeatable));
    assert.deepEqual(found, remedies, error.message);
  }
});
