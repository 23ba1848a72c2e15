import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { repositoryRoot } from "../bootstrap.mjs";
import { seededTree } from "../seeded-tree.fixture.js";
import { formatLint } from "./format-lint.js";

const ours = {
  "biome.json": readFileSync(join(repositoryRoot, "biome.json"), "utf8"),
  ".gitignore": readFileSync(join(repositoryRoot, ".gitignore"), "utf8"),
};

test("finds bad format, a floating promise, an import cycle, an undeclared package and an unused import", async (t) => {
  const root = seededTree(t, {
    ...ours,
    "package.json": { name: "seeded" },
    "format.ts": "export const a = 'single quotes'\n",
    "promise.ts": "async function work(): Promise<void> {}\nexport function start(): void {\n  work();\n}\n",
    "one.ts": 'import { two } from "./two.js";\n\nexport const one = (): number => two() + 1;\n',
    "two.ts": 'import { one } from "./one.js";\n\nexport const two = (): number => one() + 1;\n',
    "undeclared.ts": 'import { z } from "zod";\n\nexport const schema = z;\n',
    "unused.ts": 'import { join } from "node:path";\n\nexport const b = 1;\n',
  });
  const found = (await formatLint.find(root))
    .map(({ file, line, problem }) => `${file}:${line ?? ""} ${problem}`)
    .join("\n");
  assert.match(found, /^format\.ts: is not formatted$/m);
  assert.match(found, /^promise\.ts:3 .*noFloatingPromises/m);
  assert.match(found, /^one\.ts:1 .*noImportCycles/m);
  assert.match(found, /^undeclared\.ts:1 .*noUndeclaredDependencies/m);
  assert.match(found, /^unused\.ts:1 .*noUnusedImports/m);
});

test("finds nothing in clean code, and leaves generated code alone", async (t) => {
  const root = seededTree(t, {
    ...ours,
    "clean.ts": 'export const a = "double quotes";\n',
    "packages/protos/src/a_pb.ts": "export const a = 'generated'\n",
  });
  assert.deepEqual(await formatLint.find(root), []);
});
