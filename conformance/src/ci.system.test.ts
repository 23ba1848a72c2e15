// needs: go
// limit: 420s
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

/**
 * Other people's tests in their short form, as a person would start them. Their programs are built on the first run,
 * which took 91 s from empty caches on two busy cores; all of it takes half a minute afterwards.
 */
const program = fileURLToPath(new URL("../dist/main.js", import.meta.url));

/** The suites, and how many cases each has at least. */
const suites = { h2spec: 100, interop: 50, "connect-conformance": 100, spiffe: 28 };

for (const [suite, least] of Object.entries(suites)) {
  test(`${suite}: no case fails`, async () => {
    const { status, output } = await run([suite, "--short"]);
    const [, passed, failed] = /(\d+) passed, (\d+) failed, \d+ skipped\s*$/.exec(output) ?? [];
    assert.equal(
      failed,
      "0",
      output
        .split("\n")
        .filter((line) => !line.startsWith("passed"))
        .join("\n"),
    );
    assert.ok(Number(passed) >= least, `${passed} cases are too few: the suite did not run`);
    assert.equal(status, 0);
  });
}

function run(words: readonly string[]): Promise<{ status: number | null; output: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [program, ...words], { stdio: ["ignore", "pipe", "inherit"] });
    let output = "";
    child.stdout.on("data", (chunk: Buffer) => {
      output += chunk.toString();
    });
    child.once("error", reject);
    child.once("close", (status) => resolve({ status, output }));
  });
}
