import assert from "node:assert/strict";
import { test } from "node:test";
import { applyChange, readGuide } from "./guide-steps.js";

const guide = `# Guide

The rules, in \`src/a.ts\`:

\`\`\`ts
const a = 1;

export { a };
\`\`\`

\`\`\`console
$ npm run build
\`\`\`

and in \`src/b.json\`

\`\`\`diff
 {
+  "c": 3,
   "d": 4
\`\`\`
`;

test("files, changes and commands are read in their order", () => {
  const steps = readGuide("guide.md", guide).map((step) =>
    step.kind === "run" ? step.command.text : [step.kind, step.path, step.kind === "write" ? step.text : step.diff],
  );
  assert.deepEqual(steps, [
    ["write", "src/a.ts", "const a = 1;\n\nexport { a };\n"],
    "npm run build",
    ["change", "src/b.json", ' {\n+  "c": 3,\n   "d": 4\n'],
  ]);
});

test("a block of code without a file is refused", () => {
  assert.throws(() => readGuide("guide.md", "Like this:\n\n```ts\nconst a = 1;\n```\n"), /guide\.md:3/);
});

test("a change is made where its lines are, in several places", () => {
  const text = "one\ntwo\nthree\nfour\n";
  assert.equal(applyChange(text, " one\n+1.5\n@@\n-three\n+3\n four\n"), "one\n1.5\ntwo\n3\nfour\n");
});

test("a change whose lines are missing, or there twice, is refused", () => {
  assert.throws(() => applyChange("one\n", " two\n+x\n"), /0 times/);
  assert.throws(() => applyChange("one\none\n", " one\n+x\n"), /2 times/);
});
