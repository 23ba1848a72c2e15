import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { seededTree } from "../seeded-tree.fixture.js";
import { bufBreaking, bufLint, releasedImage } from "./buf.js";
import { runProgram } from "./run-program.js";

const contract = (fields: string): string => `syntax = "proto3";\npackage shop.v1;\nmessage Order {\n${fields}}\n`;

/** Two modules, as in this repository: comparing a workspace with one image is what needs care. */
function shop(t: TestContext, fields: string): string {
  return seededTree(t, {
    "buf.yaml":
      "version: v2\nmodules:\n  - path: proto\n  - path: framework\nlint:\n  use: [STANDARD]\nbreaking:\n  use: [FILE]\n",
    "proto/shop/v1/order.proto": contract(fields),
    "framework/base/v1/base.proto": 'syntax = "proto3";\npackage base.v1;\nmessage Base {\n  string id = 1;\n}\n',
  });
}

test("buf-lint finds a name against the rules", async (t) => {
  const [finding, ...others] = await bufLint.find(shop(t, "  string OrderId = 1;\n"));
  assert.deepEqual([finding?.file, finding?.line, others.length], ["proto/shop/v1/order.proto", 4, 0]);
  assert.match(finding?.problem ?? "", /OrderId.*FIELD_LOWER_SNAKE_CASE/s);
});

test("buf-breaking asks for an image, accepts an added field and finds a removed one", async (t) => {
  const root = shop(t, "  string id = 1;\n  string note = 2;\n");
  assert.match((await bufBreaking.find(root))[0]?.fix ?? "", /npm run release:contracts/);

  await runProgram("buf", ["build", "--exclude-source-info", "-o", releasedImage], root);
  const order = join(root, "proto/shop/v1/order.proto");
  writeFileSync(order, contract("  string id = 1;\n  string note = 2;\n  string extra = 3;\n"));
  assert.deepEqual(await bufBreaking.find(root), []);

  writeFileSync(order, contract("  string id = 1;\n"));
  const [finding] = await bufBreaking.find(root);
  assert.equal(finding?.file, "proto/shop/v1/order.proto");
  assert.match(finding?.problem ?? "", /field "2" with name "note".*deleted/);
});
