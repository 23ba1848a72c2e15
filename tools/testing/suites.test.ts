import assert from "node:assert/strict";
import { test } from "node:test";
import { seededTree } from "../seeded-tree.fixture.js";
import { parseOptions } from "./options.mjs";
import { findTestSuites, selectSuites } from "./suites.mjs";

test("sources decide which tests there are: compiled ones in dist, others with tsx, and a stale output never runs", (t) => {
  const root = seededTree(t, {
    "packages/core/src/a.test.ts": "// needs: etcd, redis\n// limit: 90s\n",
    "packages/core/dist/a.test.js": "",
    "packages/core/dist/deleted.test.js": "",
    "services/order/src/crash.system.test.ts": "const text = '// needs: nothing';\n",
    "tools/b.test.ts": "",
    "node_modules/x/c.test.ts": "",
  });
  assert.deepEqual(findTestSuites(root), [
    {
      kind: "unit",
      name: "packages/core/src/a.test.ts",
      nodeArgs: ["--enable-source-maps", "packages/core/dist/a.test.js"],
      needs: ["etcd", "redis"],
      timeLimitMs: 90_000,
    },
    {
      kind: "system",
      name: "services/order/src/crash.system.test.ts",
      nodeArgs: ["--enable-source-maps", "services/order/dist/crash.system.test.js"],
      needs: [],
      timeLimitMs: 300_000,
    },
    {
      kind: "unit",
      name: "tools/b.test.ts",
      nodeArgs: ["--enable-source-maps", "--import", "tsx", "tools/b.test.ts"],
      needs: [],
      timeLimitMs: 60_000,
    },
  ]);
  assert.equal(selectSuites(findTestSuites(root), ["order", "tools/"]).length, 2);
});

test("options are read, and a wrong one is explained", () => {
  assert.deepEqual(parseOptions(["--only", "core", "--only", "gate:", "--time-limit", "5"]), {
    only: ["core", "gate:"],
    install: false,
    help: false,
    timeLimitMs: 5000,
  });
  assert.throws(() => parseOptions(["core"]), /did you mean --only core\?/);
  assert.throws(() => parseOptions(["--olny", "core"]), /olny[\s\S]*--only <text>/);
  assert.throws(() => parseOptions(["--time-limit", "soon"]), /takes seconds, not "soon"/);
});
