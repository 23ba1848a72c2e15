import assert from "node:assert/strict";
import { test } from "node:test";
import { AppErrors } from "@sampan/app";
import { SettingsError } from "@sampan/config";
import { SqlErrors } from "@sampan/data";
import { CommandError } from "./command-error.js";
import { explainError } from "./explain-error.js";

test("what a person can put right comes without a stack, with what to do and the status of the error", () => {
  assert.deepEqual(explainError(new CommandError("no file", "name one", 2)), {
    text: "sampan: no file\n        name one",
    status: 2,
  });
  assert.deepEqual(explainError(new CommandError("no file")), { text: "sampan: no file", status: 1 });
});

test("wrong settings are listed as they are", () => {
  const error = new SettingsError([{ setting: "a.b", source: "x", problem: "is wrong", fix: "right it" }]);
  assert.deepEqual(explainError(error), { text: error.message, status: 2 });
});

test("a registered error underneath says what to do", () => {
  const cause = SqlErrors.MIGRATION_UNKNOWN({ file: "order.db", migration: "0009" });
  const error = AppErrors.START_FAILED({ part: "dependency sql of order", why: cause.message }, { cause });
  const { text, status } = explainError(error);
  assert.equal(status, 1);
  assert.match(
    text,
    /^sampan: dependency sql of order did not start: order.db has migration 0009.*\n +run the version/,
  );
  assert.doesNotMatch(text, /explain-error\.test/);
});

test("an error that nobody foresaw comes with its stack", () => {
  const { text, status } = explainError(
    AppErrors.START_FAILED({ part: "service order", why: "x is not a function" }, { cause: new TypeError("x is not") }),
  );
  assert.equal(status, 1);
  assert.match(text, /^sampan: service order did not start.*\nTypeError: x is not\n +at /s);
  assert.match(explainError(new TypeError("y")).text, /^TypeError: y\n +at /);
  assert.deepEqual(explainError("text"), { text: "text", status: 1 });
});

test("whoever interrupted a start need not be told", () => {
  assert.deepEqual(explainError(AppErrors.START_INTERRUPTED({ part: "x" })), { text: "", status: 130 });
});
