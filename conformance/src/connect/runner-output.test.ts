import assert from "node:assert/strict";
import { test } from "node:test";
import { parseRunnerOutput } from "./runner-output.js";

const failed = `FAILED: Basic/TLS:false/unary/error:
	expected code 5
	got 13
FAILED: Timeouts/unary:
	too late

Total cases: 12
10 passed, 2 failed
`;

test("failures are named with all that is wrong, passes are counted", () => {
  const { passed, failures, broken } = parseRunnerOutput(failed, 1);
  assert.deepEqual([passed, broken], [10, false]);
  assert.deepEqual(failures, [
    { name: "Basic/TLS:false/unary/error", why: "expected code 5; got 13;" },
    { name: "Timeouts/unary", why: "too late;" },
  ]);
});

test("a runner that says nothing, or not all, has not passed", () => {
  assert.ok(parseRunnerOutput("", 0).broken);
  assert.ok(parseRunnerOutput("0 passed, 0 failed\n", 0).broken);
  assert.ok(parseRunnerOutput("12 passed, 0 failed\n", 1).broken);
  assert.ok(parseRunnerOutput(failed.replace("2 failed", "3 failed"), 1).broken);
  assert.ok(parseRunnerOutput("12 passed, 0 failed\nAnother 3 could not be run due to…\n", 0).broken);
  assert.ok(!parseRunnerOutput("12 passed, 0 failed\n", 0).broken);
});
