import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { seededTree } from "../seeded-tree.fixture.js";
import { trafficPolicyDocumented } from "./traffic-policy-doc.js";

const tree = {
  "package.json": { type: "module" },
  "packages/govern/dist/index.js": `
    export const allSections = ["timeout", "retry"];
    export const rulesPage = (sections) => "# Rules\\n" + sections.map((name) => name + "\\n").join("");`,
};

test("finds a page that is missing, and the first line that differs", async (t) => {
  const root = seededTree(t, tree);
  const found = async () =>
    (await trafficPolicyDocumented.find(root)).map(({ line, problem }) => `${line ?? "-"} ${problem}`);
  assert.deepEqual(await found(), ["- is missing"]);
  mkdirSync(join(root, "docs/reference"), { recursive: true });
  const page = join(root, "docs/reference/traffic-policy.md");
  writeFileSync(page, "# Rules\ntimeout\nretry\n");
  assert.deepEqual(await found(), []);
  writeFileSync(page, "# Rules\ntimeout\nretries\n");
  assert.deepEqual(await found(), ['3 says "retries", the code "retry"']);
  writeFileSync(page, "# Rules\ntimeout\nretry\n\nmore");
  assert.deepEqual(await found(), ['5 says "more", the code "nothing"']);
});

test("says when the tree is not built", async (t) => {
  const root = seededTree(t, { "package.json": { type: "module" } });
  await assert.rejects(
    async () => trafficPolicyDocumented.find(root),
    /packages\/govern\/dist\/index\.js cannot be loaded/,
  );
});
