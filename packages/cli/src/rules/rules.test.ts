import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it, type TestContext } from "node:test";
import { CommandError } from "../command/command-error.js";
import { checkRules } from "./check.js";
import { explainRules } from "./explain.js";
import { printPresets, printSchema } from "./print.js";
import { recorded } from "./recording.fixture.js";
import { rules } from "./rules.js";
import { tryRuleFile } from "./try.js";

type Part = (argv: readonly string[], print: (text: string) => void) => Promise<number>;

/** Runs a part of the command; what it printed. */
async function run(part: Part, ...argv: string[]): Promise<string> {
  const printed: string[] = [];
  assert.equal(await part(argv, (text) => printed.push(text)), 0);
  return printed.join("\n");
}

function fileWith(t: TestContext, text: string, name = "rules.yaml"): string {
  const folder = mkdtempSync(join(tmpdir(), "sampan-rules-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
}

const refuses = (pattern: RegExp) => (error: unknown) => error instanceof CommandError && pattern.test(error.message);

describe("sampan rules", () => {
  it("checks a file and lists every problem with its place", async (t) => {
    const good = fileWith(t, "rules: [{ name: a, timeout: 1s }]");
    assert.match(await run(checkRules, good), /: 1 rule, no problems$/);
    const wrong = fileWith(t, "rules:\n  - { name: a, timeot: 1s }\n  - { name: b, retry: 99 }");
    await assert.rejects(
      run(checkRules, wrong),
      refuses(/has 2 problems\n.*:2:16: .*did you mean timeout\?\n.*:3:23: /),
    );
    await assert.rejects(run(checkRules, "/absent.yaml"), refuses(/cannot be read/));
  });

  it("explains who decides a call, over whom, where and with which values", async (t) => {
    const file = fileWith(
      t,
      "rules: [{ name: acme, match: { tenant: acme, labels: { tier: free } }, limit: { rate: 5/s } }, { name: all, limit: 10/s }]",
    );
    const ask = [
      "order.v1.OrderService/GetOrder",
      "--rules",
      file,
      "--preset",
      "standard",
      "--at",
      "2026-11-11T20:00Z",
    ];
    const text = await run(explainRules, ...ask, "--tenant", "acme", "--label", "tier=free");
    assert.match(text, /limit: rule acme, on the server\n {4}rate: 5\/s\n/);
    assert.match(text, /wins over all: more specific in tenant/);
    assert.match(text, /breaker: rule standard, on the client\n {4}errorRatio: 50%\n/);
    assert.match(text, /probes: 1 {2}\(default\)/);
    assert.match(await run(explainRules, ...ask), /limit: rule all/);
    await assert.rejects(run(explainRules, "order", "--rules", file), refuses(/takes one method/));
    await assert.rejects(run(explainRules, ...ask, "--at", "noon"), refuses(/is no time/));
    await assert.rejects(run(explainRules, ...ask, "--label", "free"), refuses(/has no value/));
  });

  it("tries rules against a recording, for people and as JSON, and counts lines that are none", async (t) => {
    const file = fileWith(t, "rules: [{ name: few, limit: { rate: 1/s, burst: 1 } }]");
    const calls = recorded("order.v1.OrderService/GetOrder", { calls: 10, everyMs: 100 });
    const lines = [...calls.map((call) => JSON.stringify(call)), '{"at":'].join("\n");
    const recording = fileWith(t, lines, "calls.jsonl");
    const text = await run(tryRuleFile, file, "--against", recording);
    assert.match(text, /^10 calls from 2026-11-11T12:00:00.000Z to .*, 1 lines not understood/);
    assert.match(text, /few\/limit {2}refused: rate {2}9 x {2}order\.v1\.OrderService\/GetOrder/);
    assert.match(text, /9 x {2}order\.v1\.OrderService\/GetOrder {2}ok -> ResourceExhausted RATE_LIMITED/);
    const report = JSON.parse(await run(tryRuleFile, file, "--against", recording, "--json"));
    assert.deepEqual([report.calls, report.unread, report.changed[0].count], [10, 1, 9]);
    await assert.rejects(run(tryRuleFile, file), refuses(/no recording is named/));
    await assert.rejects(run(tryRuleFile, file, "--against", "/absent"), refuses(/cannot be read/));
  });

  it("prints the schema and the presets", async () => {
    assert.equal(JSON.parse(await run(printSchema)).$schema, "https://json-schema.org/draft/2020-12/schema");
    assert.match(await run(printPresets), /^classic .*\nstandard .*\nmini-program /);
    assert.match(await run(printPresets, "classic"), /timeout: 1000ms/);
    await assert.rejects(run(printPresets, "modern"), refuses(/there is no preset modern/));
  });

  it("says what it can do when it is asked for something else", async () => {
    await assert.rejects(rules.run(["chek"]), refuses(/there is no sampan rules chek/));
    await assert.rejects(rules.run([]), refuses(/needs to know what/));
  });
});
