import assert from "node:assert/strict";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { seededTree } from "../seeded-tree.fixture.js";
import { generated } from "./generated.js";
import { runProgram } from "./run-program.js";

test("finds generated code that was edited, is missing, or has no .proto file", async (t) => {
  const root = seededTree(t, {
    "buf.yaml": "version: v2\nmodules:\n  - path: proto\n",
    "buf.gen.yaml":
      "version: v2\nplugins:\n  - local: protoc-gen-es\n    out: packages/protos/src\n    opt: [target=ts]\n",
    "proto/a/v1/a.proto": 'syntax = "proto3";\npackage a.v1;\nmessage A {\n  string id = 1;\n}\n',
    "proto/a/v1/b.proto": 'syntax = "proto3";\npackage a.v1;\nmessage B {\n  string id = 1;\n}\n',
  });
  await runProgram("buf", ["generate"], root);
  assert.deepEqual(await generated.find(root), []);

  const folder = join(root, "packages/protos/src");
  const edited = join(folder, "a/v1/a_pb.ts");
  writeFileSync(edited, readFileSync(edited, "utf8").replace("id: string", "id: number"));
  rmSync(join(folder, "a/v1/b_pb.ts"));
  writeFileSync(join(folder, "by-hand.ts"), "export {};\n");
  const found = (await generated.find(root)).map(({ file, problem }) => `${file} ${problem}`).sort();
  assert.deepEqual(found, [
    "packages/protos/src/a/v1/a_pb.ts differs from what its .proto file generates",
    "packages/protos/src/a/v1/b_pb.ts is missing",
    "packages/protos/src/by-hand.ts is not what any .proto file generates",
  ]);
});
