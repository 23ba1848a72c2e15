import assert from "node:assert/strict";
import { test } from "node:test";
import { seededTree } from "../seeded-tree.fixture.js";
import { fileSize } from "./file-size.js";

const lines = (count: number): string => "// a line\n".repeat(count);

test("finds a file above 500 lines, and says how long files are", async (t) => {
  const root = seededTree(t, { "a.ts": lines(501), "b.ts": lines(10), "c.ts": lines(20), ...small(17) });
  const findings = await fileSize.find(root);
  assert.deepEqual(
    findings.map(({ file, problem }) => [file, problem]),
    [["a.ts", "has 501 lines, more than 500"]],
  );
  assert.equal(fileSize.measure?.(root), "20 files · median 1 · p90 10 · max 501 (a.ts)");
});

test("finds a median above 150 and a ninth decile above 300, without generated code", async (t) => {
  const root = seededTree(t, {
    "a.ts": lines(310),
    "b.ts": lines(160),
    "packages/protos/src/a_pb.ts": lines(9000),
    "c.ts": lines(151),
  });
  const problems = (await fileSize.find(root)).map(({ problem }) => problem);
  assert.deepEqual(problems, [
    "the median file has 160 lines, more than 150",
    "one file in ten has more than 310 lines",
  ]);
});

function small(count: number): Record<string, string> {
  return Object.fromEntries(Array.from({ length: count }, (_, index) => [`small-${index}.ts`, lines(1)]));
}
