import assert from "node:assert/strict";
import { test } from "node:test";
import { importedNames } from "./specifiers.js";

const names = (source: string): (string | undefined)[] => importedNames(source).map(({ specifier }) => specifier);

test("every way to import is found", () => {
  const forms: Record<string, string> = {
    'import "a";': "side effect",
    'import a from "a";': "default",
    'import * as a from "a";': "namespace",
    'import a, { type B, c as d } from "a";': "named",
    'import {\n  a,\n  b,\n} from "a";': "several lines",
    'import { "odd name" as a } from "a";': "string name",
    'import type { A } from "a";': "type",
    'import from, { b } from "a";': "a binding called from",
    'import type from "a";': "a binding called type",
    'import a = require("a");': "import equals",
    'import a from "a" with { type: "json" };': "attributes",
    'export * from "a";': "export all",
    'export * as a from "a";': "export namespace",
    'export { a, b as c } from "a";': "export named",
    'export type { A } from "a";': "export type",
    'export type * from "a";': "export all types",
    'const a = await import("a");': "dynamic",
    "const a = await import(`a`);": "dynamic with a template",
    'const a = await import(/* why */ "a", { with: {} });': "dynamic with more",
    'type A = import("a").B<string>;': "type import",
    'let a: typeof import("a");': "typeof import",
    'const a = { ...import("a") };': "spread",
    'const a = require("a");': "require",
    'const a = require.resolve("a");': "resolve",
    'const a = import.meta.resolve("a");': "meta resolve",
    'declare module "a" {}': "augmentation",
    '/// <reference types="a" />': "reference",
    'const a = `${await import("a")}`;': "inside a template",
  };
  for (const [source, form] of Object.entries(forms)) assert.deepEqual(names(source), ["a"], form);
});

test("what only looks like an import is left alone", () => {
  const forms = [
    '// import "a";',
    '/* import "a"; */',
    "const a = 'import \"a\"';",
    'const a = `import "a"`;',
    'const a = `${b}import "a"`;',
    'const a = /import "a"/;',
    'const a = /["\'`]/; const b = "from";',
    'loader.import("a"); loader?.require("a");',
    "const a = { import: 'a' };",
    "export { a };\nconst from = 'a';",
    "export type A = { from: 'a' };",
    "export const from = 'a';",
    "const a = import.meta.url;",
    "function importAll() { return 'a'; }",
  ];
  for (const source of forms) assert.deepEqual(names(source), [], source);
});

test("a statement is found after one that could swallow it, on its own line", () => {
  const source =
    "export { a }\nconst half = 1 / 2; // it's\nconst text = `x${ { y: `'` }.y }z`\nimport { b } from 'b'\n";
  assert.deepEqual(importedNames(source), [{ specifier: "b", line: 4 }]);
});

test("an import of an expression is reported as unknown", () => {
  assert.deepEqual(names("await import(name);"), [undefined]);
  assert.deepEqual(names('await import("./" + name);'), [undefined]);
  assert.deepEqual(names("await import(`./${name}.js`);"), [undefined]);
});
