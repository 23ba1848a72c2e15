import assert from "node:assert/strict";
import { test } from "node:test";
import { readCommands } from "./commands.js";

const markdown = `# A project

\`\`\`sh
# a comment
npm ci

npm run build
\`\`\`

\`\`\`console
$ npm run up
ready on http://127.0.0.1:8080
$ curl -d '{
>   "a": 1
> }' \\
    http://127.0.0.1:8080/v1/orders
{"id":"1"}
\`\`\`

\`\`\`ts
$ notACommand();
\`\`\`
`;

test("commands are read from sh and console blocks, without comments, over several lines, with their output", () => {
  const commands = readCommands("README.md", markdown).map(({ text, line, block, output }) => [
    block,
    line,
    text,
    output,
  ]);
  assert.deepEqual(commands, [
    [0, 5, "npm ci", ""],
    [0, 7, "npm run build", ""],
    [1, 11, "npm run up", "ready on http://127.0.0.1:8080\n"],
    [1, 13, "curl -d '{\n  \"a\": 1\n}' \\\n    http://127.0.0.1:8080/v1/orders", '{"id":"1"}\n'],
  ]);
});
