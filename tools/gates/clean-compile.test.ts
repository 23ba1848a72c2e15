import assert from "node:assert/strict";
import { mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { seededTree } from "../seeded-tree.fixture.js";
import { cleanCompile } from "./clean-compile.js";

const options = { composite: true, module: "nodenext", target: "es2023", types: [], rootDir: "src", outDir: "dist" };
const project = (...references: string[]) => ({
  compilerOptions: options,
  include: ["src"],
  references: references.map((path) => ({ path })),
});
const manifest = (name: string) => ({
  name,
  type: "module",
  exports: { ".": { types: "./dist/index.d.ts", default: "./dist/index.js" } },
});

/** Two packages, the second importing the first, with what npm's workspace links look like; dist of the first is already there. */
function twoPackages(t: TestContext, changed: Readonly<Record<string, string | object>> = {}): string {
  const root = seededTree(t, {
    "tsconfig.json": { files: [], references: [{ path: "packages/a" }, { path: "packages/b" }] },
    "packages/a/package.json": manifest("@sampan/a"),
    "packages/a/tsconfig.json": project(),
    "packages/a/src/index.ts": "export const a = 1;\n",
    "packages/a/dist/index.d.ts": "export declare const a = 1;\nexport declare const gone = 2;\n",
    "packages/a/dist/index.js": "export const a = 1;\nexport const gone = 2;\n",
    "packages/b/package.json": manifest("@sampan/b"),
    "packages/b/tsconfig.json": project("../a"),
    "packages/b/src/index.ts": 'import { a } from "@sampan/a";\nexport const b: number = a;\n',
    ...changed,
  });
  mkdirSync(join(root, "node_modules/@sampan"), { recursive: true });
  for (const name of ["a", "b"]) symlinkSync(`../../packages/${name}`, join(root, "node_modules/@sampan", name));
  return root;
}

test("compiles a clean tree without a finding", async (t) => {
  assert.deepEqual(await cleanCompile.find(twoPackages(t)), []);
});

test("finds an import of what only a stale dist still has", async (t) => {
  const root = twoPackages(t, {
    "packages/b/src/index.ts": 'import { gone } from "@sampan/a";\nexport const b: number = gone;\n',
  });
  const [finding] = await cleanCompile.find(root);
  assert.equal(finding?.file, "packages/b/src/index.ts");
  assert.equal(finding?.line, 1);
  assert.match(finding?.problem ?? "", /gone/);
});

test("finds an import of a package that nothing builds first", async (t) => {
  const root = twoPackages(t, {
    "tsconfig.json": { files: [], references: [{ path: "packages/b" }] },
    "packages/b/tsconfig.json": project(),
    "packages/c/package.json": { name: "@sampan/c" },
    "packages/c/src/index.ts": "",
  });
  const problems = (await cleanCompile.find(root)).map(({ file, problem }) => `${file}: ${problem}`).join("\n");
  assert.match(problems, /packages\/b\/src\/index\.ts: TS\d+/);
  assert.match(problems, /packages\/a\/tsconfig\.json: is not reached/);
  assert.match(problems, /packages\/c\/package\.json: has TypeScript beside it and no tsconfig\.json/);
});

test("finds a public entry that the compiler does not produce", async (t) => {
  const root = twoPackages(t, {
    "packages/b/package.json": { ...manifest("@sampan/b"), exports: { "./extra": "./dist/extra.js" } },
  });
  const [finding] = await cleanCompile.find(root);
  assert.match(finding?.problem ?? "", /\.\/dist\/extra\.js/);
});
