import assert from "node:assert/strict";
import { test } from "node:test";
import { CommandError } from "./command-error.js";
import { integerOption, readOptions } from "./options.js";

test("options have the type that the command says; the rest are positionals", () => {
  const { values, positionals } = readOptions("x", ["a", "--file", "f.csv", "--quick", "b"], {
    file: { type: "string" },
    quick: { type: "boolean" },
    other: { type: "string" },
  });
  assert.deepEqual({ ...values }, { file: "f.csv", quick: true });
  assert.deepEqual(positionals, ["a", "b"]);
});

test("an option that the command does not have, or a value that is missing, is refused with status 2", () => {
  for (const argv of [["--fiel", "x"], ["--file"], ["--quick=1"]]) {
    assert.throws(
      () => readOptions("x", argv, { file: { type: "string" }, quick: { type: "boolean" } }),
      (error) => error instanceof CommandError && error.status === 2 && /sampan x --help/.test(error.fix),
    );
  }
});

test("a number must be whole and within its limits", () => {
  assert.equal(integerOption("n", undefined, 16, 1, 100), 16);
  assert.equal(integerOption("n", "1", 16, 1, 100), 1);
  for (const text of ["", "0", "101", "1.5", "-1", "1e1", "x", "9".repeat(30)]) {
    assert.throws(() => integerOption("n", text, 16, 1, 100), /--n .* is not a whole number from 1 to 100/);
  }
});
