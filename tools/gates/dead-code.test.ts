import assert from "node:assert/strict";
import { test } from "node:test";
import { seededTree } from "../seeded-tree.fixture.js";
import { deadCode } from "./dead-code.js";

test("finds an unused file, export and dependency, and one that is not declared", async (t) => {
  const root = seededTree(t, {
    "package.json": { name: "seeded", type: "module", main: "index.js", dependencies: { kysely: "1.0.0" } },
    "knip.json": { entry: ["index.ts"], project: ["**/*.ts"] },
    "index.ts": 'import "jose";\nimport { used } from "./library.js";\n\nconsole.log(used);\n',
    "library.ts": "export const used = 1;\nexport const unused = 2;\n",
    "orphan.ts": "export const nobody = 1;\n",
  });
  const found = (await deadCode.find(root)).map(({ file, line, problem }) => `${file}:${line ?? ""} ${problem}`);
  assert.deepEqual(found.sort(), [
    "index.ts:1 jose is used and not declared",
    "library.ts:2 unused is exported and used nowhere else",
    "orphan.ts: is imported by nothing",
    "package.json:6 kysely is declared and not used",
  ]);
});
