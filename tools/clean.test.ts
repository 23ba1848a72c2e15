import assert from "node:assert/strict";
import { test } from "node:test";
import { cleanOutputs } from "./clean.mjs";
import { sourceFiles } from "./gates/source-tree.js";
import { seededTree } from "./seeded-tree.fixture.js";

test("compiler outputs go; sources, data and installed packages stay", (t) => {
  const root = seededTree(t, {
    "packages/a/src/index.ts": "",
    "packages/a/dist/index.js": "",
    "packages/a/tsconfig.tsbuildinfo": "",
    "node_modules/b/dist/index.js": "",
    ".sampan/dist/data": "",
  });
  assert.equal(cleanOutputs(root), 2);
  assert.equal(cleanOutputs(root), 0);
  assert.deepEqual(sourceFiles(root), ["packages/a/src/index.ts"]);
  assert.equal(cleanOutputs(`${root}/node_modules`), 1);
});
