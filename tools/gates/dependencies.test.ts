import assert from "node:assert/strict";
import { test } from "node:test";
import { seededTree } from "../seeded-tree.fixture.js";
import { dependencies } from "./dependencies.js";

const table = `| package | where | why |
|---|---|---|
| \`kysely\` | data | typed SQL |
| \`empty\` | data | |
| \`gone\` | data | was useful once |

## Packages with install scripts

| package | brought by | what the script does |
|---|---|---|
| \`esbuild\` | tsx | checks its binary |
`;

test("finds a dependency without a reason, a stale row and an install script nobody looked at", async (t) => {
  const root = seededTree(t, {
    "docs/dependencies.md": table,
    "package.json": { name: "seeded", devDependencies: { empty: "1.0.0" } },
    "packages/data/package.json": { name: "@sampan/data", dependencies: { kysely: "1.0.0", libsql: "1.0.0" } },
    "packages/app/package.json": { name: "@sampan/app", dependencies: { "@sampan/data": "0.1.0" } },
    "package-lock.json": {
      packages: {
        "node_modules/esbuild": { hasInstallScript: true },
        "node_modules/a/node_modules/sneaky": { hasInstallScript: true },
        "node_modules/kysely": {},
      },
    },
  });
  const found = (await dependencies.find(root)).map(({ file, problem }) => `${file}: ${problem}`);
  assert.deepEqual(found.sort(), [
    "docs/dependencies.md: lists gone, which is not there any more",
    'package-lock.json: sneaky has no row under "## Packages with install scripts" of docs/dependencies.md',
    "package.json: empty has no reason in the table of docs/dependencies.md",
    "packages/data/package.json: libsql has no reason in the table of docs/dependencies.md",
  ]);
});

test("asks for the list when there is none", async (t) => {
  const [finding] = await dependencies.find(seededTree(t, { "package.json": { name: "seeded" } }));
  assert.equal(finding?.problem, "is missing");
});
