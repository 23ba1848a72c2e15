import assert from "node:assert/strict";
import { test } from "node:test";
import { seededTree } from "../../seeded-tree.fixture.js";
import { readme } from "./index.js";

const block = (...commands: string[]): string =>
  `# Text\n\n\`\`\`console\n${commands.map((text) => `$ ${text}\n`).join("")}\`\`\`\n`;

async function found(files: Record<string, string>, t: Parameters<typeof seededTree>[0]): Promise<string[]> {
  return (await readme.find(seededTree(t, files))).map(({ file, line, problem }) => `${file}:${line ?? ""} ${problem}`);
}

test("both READMEs with the same known commands pass", async (t) => {
  const text = block("npm run up", "curl http://127.0.0.1:8080/v1/products", "npm run replay -- --file orders.csv");
  assert.deepEqual(await found({ "README.md": text, "README.zh-CN.md": text }, t), []);
});

test("finds a command that no test runs, a port that is not the tour's, and READMEs that differ", async (t) => {
  const files = {
    "README.md": block("npm run up", "npm run magic", "curl http://localhost:9999/"),
    "README.zh-CN.md": block("npm run up", "npm run journey"),
  };
  assert.deepEqual(await found(files, t), [
    "README.md:5 no test runs this command: npm run magic",
    "README.md:6 shows port 9999",
    'README.zh-CN.md:5 the commands differ from here on: "npm run journey", where README.md has "npm run magic"',
  ]);
});

test("finds a README that is missing", async (t) => {
  assert.deepEqual(await found({ "README.md": block("npm test") }, t), ["README.zh-CN.md: is missing"]);
});
