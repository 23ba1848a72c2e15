import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { seededTree } from "../seeded-tree.fixture.js";
import { securityTable } from "./security-table.js";

const head = "| attack | what stops it | tests |\n| --- | --- | --- |\n";

test("finds rows without a test, with a file that is gone, with a title that nobody has, and an empty table", async (t) => {
  const root = seededTree(t, {
    "docs/security.md": head,
    "packages/tea/src/cup.test.ts": `test("a cup (hot) is | refused", () => {});\ndescribe(\n  "cups", () => {});\n// "only said"\n`,
  });
  const problems = async (rows: string): Promise<string[]> => {
    writeFileSync(join(root, "docs/security.md"), head + rows);
    return (await securityTable.find(root)).map(({ line, problem }) => `${line ?? "-"} ${problem}`);
  };
  const cup = "../packages/tea/src/cup.test.ts";
  assert.deepEqual(await problems(""), ["- has no rows"]);
  assert.deepEqual(await problems(`| heat | hands | [a cup (hot) is \\| refused](${cup}), [cups](${cup}) |\n`), []);
  assert.deepEqual(await problems("| heat | hands | soon |\n"), ["3 a row without a test"]);
  assert.deepEqual(await problems(`| heat | hands | [only said](${cup}) |\n`), [
    '3 packages/tea/src/cup.test.ts has no test "only said"',
  ]);
  assert.deepEqual(await problems("| heat | hands | [cups](../packages/tea/src/pot.test.ts) |\n"), [
    "3 packages/tea/src/pot.test.ts does not exist",
  ]);
  assert.deepEqual(await problems("| heat | hands | [cups](../packages/tea/src/cup.ts) |\n"), [
    "3 ../packages/tea/src/cup.ts is no test",
  ]);
});

test("a page that is missing is a finding", async (t) => {
  assert.equal((await securityTable.find(seededTree(t, { "docs/x.md": "" })))[0]?.problem, "is missing");
});
