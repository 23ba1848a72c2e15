import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { seededTree } from "../../seeded-tree.fixture.js";
import { importTable } from "./index.js";

const entry = { ".": { default: "./dist/index.js" } };
const manifest = (name: string, rest: object = {}) => ({ name: `@sampan/${name}`, exports: entry, ...rest });

/** A small house: two framework packages, two services. */
function house(t: TestContext, files: Readonly<Record<string, string | object>>): string {
  return seededTree(t, {
    "package.json": { name: "sampan", devDependencies: { "fast-check": "1.0.0" } },
    "packages/protos/package.json": manifest("protos", { exports: { "./*.js": { default: "./dist/*.js" } } }),
    "packages/core/package.json": manifest("core", {
      exports: { ...entry, "./ports": { default: "./dist/ports/index.js" } },
    }),
    "packages/data/package.json": manifest("data"),
    "packages/config/package.json": manifest("config"),
    "packages/app/package.json": manifest("app"),
    "packages/testkit/package.json": manifest("testkit"),
    "services/order/package.json": manifest("order-service"),
    "services/user/package.json": manifest("user-service"),
    ...files,
  });
}

async function found(root: string): Promise<string[]> {
  return (await importTable.find(root)).map(({ file, line, problem }) => `${file}:${line ?? ""} ${problem}`).sort();
}

test("accepts what the table allows", async (t) => {
  const root = house(t, {
    "packages/data/package.json": manifest("data", {
      dependencies: { "@sampan/core": "0.1.0", kysely: "1.0.0" },
      devDependencies: { "@sampan/testkit": "0.1.0", "fast-check": "1.0.0" },
    }),
    "packages/data/src/index.ts":
      'import "@sampan/core"; import "@sampan/core/ports"; import "kysely"; import "node:fs"; import "./a.js";\n',
    "packages/data/src/index.test.ts": 'import "@sampan/testkit"; import "fast-check"; import "@sampan/data";\n',
    "services/order/src/main.ts":
      'import "@sampan/app"; import "@sampan/config"; import "./store.js"; import "./order-service.js"; import "@sampan/protos/a/b_pb.js";\n',
    "services/order/src/settings.ts": 'import "@sampan/config";\n',
    "services/order/src/store.ts":
      'import "kysely"; import "@sampan/data"; import "./order-service.js"; import "./domain/order.js";\n',
    "services/order/src/order-service.ts": 'import "@sampan/core"; import "./domain/order.js";\n',
    "services/order/src/domain/order.ts": 'import "@sampan/core"; import "./line.js";\n',
    "services/order/src/domain/order.test.ts": 'import "node:test"; import "@sampan/testkit"; import "./order.js";\n',
  });
  assert.deepEqual(await found(root), []);
});

test("finds an upward import, by type, in a dynamic import and in package.json", async (t) => {
  const root = house(t, {
    "packages/core/package.json": manifest("core", { dependencies: { "@sampan/data": "0.1.0", lodash: "1.0.0" } }),
    "packages/core/src/a.ts":
      'import type { A } from "@sampan/data";\nconst b = await import("@sampan/config");\nimport "lodash";\n',
  });
  assert.deepEqual(await found(root), [
    "packages/core/package.json:10 core depends on lodash, which the import table does not allow",
    "packages/core/package.json:9 core depends on data, which the import table does not allow",
    "packages/core/src/a.ts:1 core may not import data (@sampan/data)",
    "packages/core/src/a.ts:2 core may not import config (@sampan/config)",
    "packages/core/src/a.ts:3 core may not import lodash",
  ]);
});

test("finds a deep import, a path into another package, an own name, an unknown package and a computed import", async (t) => {
  const root = house(t, {
    "packages/data/src/a.ts": [
      'import "@sampan/core/dist/call.js";',
      'import "../../core/src/call.js";',
      'import "@sampan/data";',
      'import "@sampan/nothing";',
      "await import(name);",
      "",
    ].join("\n"),
  });
  assert.deepEqual(await found(root), [
    "packages/data/src/a.ts:1 @sampan/core/dist/call.js is not in the exports of @sampan/core",
    "packages/data/src/a.ts:2 reaches out of its package: ../../core/src/call.js",
    "packages/data/src/a.ts:3 imports its own package by name: @sampan/data",
    "packages/data/src/a.ts:4 imports @sampan/nothing, which is no package here",
    "packages/data/src/a.ts:5 imports an expression, which hides from the import table what it loads",
  ]);
});

test("finds the testkit in sources, app outside main.ts, and one service in another", async (t) => {
  const root = house(t, {
    "packages/data/src/a.ts": 'import "@sampan/testkit";\n',
    "services/order/src/order-service.ts": 'import "@sampan/app";\nimport "@sampan/user-service";\n',
    "services/order/src/order-service.test.ts": 'import "@sampan/app";\n',
  });
  assert.deepEqual(await found(root), [
    "packages/data/src/a.ts:1 data may not import testkit (@sampan/testkit)",
    "services/order/src/order-service.test.ts:1 services may not import app (@sampan/app)",
    "services/order/src/order-service.ts:1 services may not import app (@sampan/app)",
    "services/order/src/order-service.ts:2 services may not import services (@sampan/user-service)",
  ]);
});

test("finds a service's domain that knows more than the core, and imports against the rings", async (t) => {
  const root = house(t, {
    "services/order/src/domain/order.ts":
      'import "@sampan/data";\nimport "node:crypto";\nimport "../order-service.js";\nimport "kysely";\n',
    "services/order/src/order-service.ts":
      'import type { S } from "./store.js";\nimport "./store/rows.js";\nimport "./main.js";\nimport "./order-store.js";\nimport "kysely";\n',
  });
  assert.deepEqual(await found(root), [
    "services/order/src/domain/order.ts:1 domain imports @sampan/data",
    "services/order/src/domain/order.ts:2 domain imports node:crypto",
    "services/order/src/domain/order.ts:3 domain: imports order-service.ts, which is use cases",
    "services/order/src/domain/order.ts:4 domain imports kysely",
    "services/order/src/order-service.ts:1 use cases: imports store.ts, which is store and transport",
    "services/order/src/order-service.ts:2 use cases: imports store/rows.ts, which is store and transport",
    "services/order/src/order-service.ts:3 use cases: imports main.ts, which is main",
    "services/order/src/order-service.ts:5 only the store may import kysely",
  ]);
});

test("finds a package that is in no room, and Node where there is none", async (t) => {
  const root = house(t, {
    "packages/extra/package.json": manifest("extra"),
    "clients/miniprogram/package.json": { name: "client" },
    "clients/miniprogram/src/a.ts": 'import "node:fs";\n',
  });
  assert.deepEqual(await found(root), [
    "clients/miniprogram/src/a.ts:1 imports node:fs, which is not there where it runs",
    "packages/extra/package.json: is in no room of the import table",
  ]);
});
