import assert from "node:assert/strict";
import { test } from "node:test";
import { seededTree } from "../seeded-tree.fixture.js";
import { noHosts } from "./no-hosts.js";

/** Put together here, so that this file does not hold what the gate looks for. */
const path = (...parts: string[]): string => ["", ...parts].join("/");
const host = ["registry", "example", "org"].join(".");

test("finds a registry in npm's files and a path of one machine in any file", async (t) => {
  const root = seededTree(t, {
    "package-lock.json": `{\n  "resolved": "https://${host}/a.tgz"\n}\n`,
    ".npmrc": `registry=https://${host}/\n`,
    "docs/a.md": `Look in ${path("work", "main", "a.ts")}.\n`,
    "src/a.ts": `const b = "${path("root", ".cache")}";\nconst c = "${path("home", "someone", "d")}";\n`,
  });
  const found = (await noHosts.find(root)).map(({ file, line }) => `${file}:${line}`);
  assert.deepEqual(found, [".npmrc:1", "docs/a.md:1", "package-lock.json:2", "src/a.ts:1", "src/a.ts:2"]);
});

test("accepts workspace links, addresses, relative paths and image names", async (t) => {
  const root = seededTree(t, {
    "package-lock.json": '{\n  "resolved": "packages/app"\n}\n',
    "deploy/values.yaml": "image: registry.k8s.io/pause:3.9\n",
    "docs/a.md": `https://example.org${path("work", "x")} and ..${path("work", "x")} and docs${path("root", "x")}\n`,
  });
  assert.deepEqual(await noHosts.find(root), []);
});
