import assert from "node:assert/strict";
import { statSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { seededTree } from "../seeded-tree.fixture.js";
import { runSuite, type SuiteResult } from "./run-suite.mjs";

/** Runs a test file with this text as `npm test` would. */
function run(t: TestContext, source: string, timeLimitMs = 20_000): Promise<SuiteResult> {
  const root = seededTree(t, {
    "a.test.mjs": `import assert from "node:assert/strict";\nimport { before, describe, it, test } from "node:test";\n${source}`,
  });
  return runSuite({ kind: "unit", name: "a.test.ts", nodeArgs: ["a.test.mjs"], needs: [], timeLimitMs }, root);
}

test("tests are counted, suites are not, and a failure has its path and its reason", async (t) => {
  const result = await run(
    t,
    `describe("outer", () => {
      describe("inner", () => {
        it("passes", () => {});
        it("fails", () => assert.equal(1, 2));
        it("is skipped", { skip: "no time" }, () => {});
        it("is to do", { todo: true }, () => {});
      });
    });
    test("parent", async (t) => { await t.test("child", () => { throw new Error("of the child"); }); });`,
  );
  assert.equal(result.passed, 1);
  assert.deepEqual(
    result.failed.map(({ name }) => name),
    ["outer › inner › fails", "parent › child"],
  );
  assert.match(result.failed[0]?.error ?? "", /AssertionError/);
  assert.match(result.failed[1]?.error ?? "", /of the child/);
  assert.deepEqual(result.skipped, [
    { name: "outer › inner › is skipped", reason: "no time" },
    { name: "outer › inner › is to do", reason: "no reason given" },
  ]);
});

test("a hook that fails is a failure", async (t) => {
  const result = await run(
    t,
    `describe("a", () => { before(() => { throw new Error("hook"); }); it("b", () => {}); });`,
  );
  assert.equal(result.passed, 0);
  assert.match(result.failed.map(({ error }) => error).join(), /hook/);
});

/** Files whose run as a whole is wrong, with what is said about them. */
const broken: Readonly<Record<string, readonly [source: string, problem: RegExp]>> = {
  "does not parse": ["const = 1;", /exit status 1\)[\s\S]*SyntaxError/],
  "throws at its top": ['throw new Error("at the top");', /exit status 1[\s\S]*at the top/],
  "exits during a test": ['test("a", () => process.exit(0));', /\(exit status 0\).*calls process\.exit/],
  "is killed": [
    'test("a", () => { process.kill(process.pid, "SIGKILL"); return new Promise(() => {}); });',
    /\(SIGKILL\)/,
  ],
  "has no test": ["", /\(exit status 0\): it registers none/],
  "fails after its tests": [
    'test("a", () => { setTimeout(() => { throw new Error("late"); }, 20); });',
    /every test passed but/,
  ],
};

for (const [what, [source, problem]] of Object.entries(broken)) {
  test(`a file that ${what} is a failure of the file`, async (t) => {
    const { failed } = await run(t, source);
    assert.deepEqual(
      failed.map(({ name }) => name),
      ["the file as a whole"],
    );
    assert.match(failed[0]?.error ?? "", problem);
  });
}

test("a test that hangs is named when the time is over", async (t) => {
  const hang = 'test("slow", () => new Promise(() => setInterval(() => {}, 1000)));';
  const result = await run(t, `test("quick", () => {});\n${hang}`, 1_000);
  assert.deepEqual([result.passed, result.failed.length], [1, 1]);
  assert.match(result.failed[0]?.error ?? "", /did not end within its time limit of 1 s .*; "slow" was running/);
});

test("a loop without end is stopped", async (t) => {
  const result = await run(t, "for (;;);", 500);
  assert.match(result.failed[0]?.error ?? "", /time limit of 0\.5 s .*a loop without end/);
});

test("a file that keeps something open after its tests is told so", async (t) => {
  const result = await run(t, 'test("quick", () => { setInterval(() => {}, 1000); });', 1_000);
  assert.deepEqual([result.passed, result.failed.length], [1, 1]);
  assert.match(result.failed[0]?.error ?? "", /keeps the process alive/);
});

test("a process that a test leaves behind is ended with it", async (t) => {
  const file = join(seededTree(t, { ticks: "" }), "ticks");
  const ticking = `setInterval(() => require("node:fs").appendFileSync(${JSON.stringify(file)}, "."), 5)`;
  const result = await run(
    t,
    `import { spawn } from "node:child_process";
    import { statSync } from "node:fs";
    import { setTimeout as wait } from "node:timers/promises";
    test("leaves one", async () => {
      spawn(process.execPath, ["-e", ${JSON.stringify(ticking)}], { stdio: "ignore" }).unref();
      while (statSync(${JSON.stringify(file)}).size === 0) await wait(5);
    });`,
  );
  assert.deepEqual([result.passed, result.failed], [1, []]);
  const ticks = statSync(file).size;
  await wait(100);
  assert.equal(statSync(file).size, ticks);
});
