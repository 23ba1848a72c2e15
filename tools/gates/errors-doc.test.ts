import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { registeredErrors } from "../errors-doc/registered-errors.js";
import { renderErrors } from "../errors-doc/render.js";
import { seededTree } from "../seeded-tree.fixture.js";
import { errorsDocumented } from "./errors-doc.js";

/** A core that registers as the real one does, a gateway that knows one status, and a package with two errors. */
const tree = {
  "package.json": { type: "module" },
  "packages/core/dist/index.js": `
    const all = [];
    export const defineErrors = (domain, errors) =>
      all.push(...Object.entries(errors).map(([reason, error]) => ({ domain, reason, ...error })));
    export const registeredErrors = () => all;
    export const codeName = (code) => (code === 5 ? "NotFound" : "Unknown");`,
  "packages/gateway/dist/response/http-status.js": "export const httpStatus = { 5: 404 };",
  "packages/gateway/dist/errors.js":
    'export const ownStatus = ({ info }) => (info.reason === "NO_CUP" ? 418 : undefined);',
  "packages/tea/src/errors.ts": `export const TeaErrors = defineErrors("tea", {});`,
  "packages/tea/dist/errors.js": `
    import { defineErrors } from "../../core/dist/index.js";
    defineErrors("tea", {
      NO_TEA: { code: 5, message: "no {tea} | here", fix: "buy some" },
      NO_CUP: { code: 2, message: "no cup", fix: "wash one" },
    });`,
  "packages/tea/src/errors.test.ts": `defineErrors("only-in-a-test", {});`,
  "packages/testkit/src/errors.ts": `defineErrors("only-to-test-with", {});`,
};

test("finds an error that is missing, one that has changed, and one that is no more", async (t) => {
  const root = seededTree(t, tree);
  const page = join(root, "docs/errors.md");
  const problems = async (): Promise<string[]> =>
    (await errorsDocumented.find(root)).map(({ line, problem }) => `${line ?? "-"} ${problem}`);
  assert.deepEqual(await problems(), ["- is missing"]);

  const errors = await registeredErrors(root);
  const good = renderErrors(errors);
  assert.match(good, /^\| tea \| `NO_TEA` \| NotFound \| 404 \| no \{tea\} \\\| here \| buy some \|$/m);
  assert.match(good, /^\| tea \| `NO_CUP` \| Unknown \| 418 \|/m);
  mkdirSync(join(root, "docs"));
  writeFileSync(page, good);
  assert.deepEqual(await problems(), []);

  const rowAt = good.split("\n").findIndex((line) => line.includes("NO_CUP")) + 1;
  writeFileSync(page, good.replace("wash one", "break one"));
  assert.deepEqual(await problems(), [
    "- does not have tea NO_CUP as it is",
    `${rowAt} tea \`NO_CUP\` is not what the code has`,
  ]);
  writeFileSync(page, good.replace(/^.*NO_TEA.*\n/m, ""));
  assert.deepEqual(await problems(), ["- does not have tea NO_TEA as it is"]);
  writeFileSync(page, `${good}| tea | \`NO_POT\` | NotFound | 404 | no pot | none |\n`);
  assert.deepEqual(await problems(), [`${good.split("\n").length} tea \`NO_POT\` is not what the code has`]);
  writeFileSync(page, good.replace("Do not edit", "Do edit"));
  assert.deepEqual(await problems(), ["- differs in its order or its introduction"]);
});

test("names a module that is not built", async (t) => {
  const { "packages/tea/dist/errors.js": _, ...unbuilt } = tree;
  const root = seededTree(t, unbuilt);
  await assert.rejects(async () => errorsDocumented.find(root), /packages\/tea\/src\/errors\.ts cannot be loaded/);
});
