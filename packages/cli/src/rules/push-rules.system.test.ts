// limit: 240s
import assert from "node:assert/strict";
import { mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it, type TestContext } from "node:test";
import { startPlatform } from "../platform/start-platform.js";
import { eventually } from "../split/split-command.fixture.js";
import { startSplit } from "../split/start-split.js";

/** A platform under a rule file. */
interface Ruled {
  readonly url: string;
  /** The admin port of the process that serves the catalogue. */
  readonly adminUrl: string;
  /** Puts a document in place of the one before, as editors do it. */
  push(rules: string): void;
}

const limited = `rules:
  - { name: few, match: { service: catalog.v1.CatalogService, method: ListProducts }, limit: { rate: 1/h, burst: 1 } }
`;

function ruleFile(t: TestContext) {
  const folder = mkdtempSync(join(tmpdir(), "sampan-rules-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const rules = join(folder, "rules.yaml");
  const push = (text: string): void => {
    writeFileSync(`${rules}.new`, text);
    renameSync(`${rules}.new`, rules);
  };
  push("rules: []\n");
  const options = {
    data: join(folder, "data"),
    port: 0,
    env: {},
    run: { signals: false },
    set: { process: { logLevel: "error" }, govern: { rules } },
  } as const;
  return { push, options };
}

async function rulesAt(adminUrl: string) {
  const answer = await fetch(`${adminUrl}/rules`);
  assert.equal(answer.status, 200);
  return (await answer.json()) as {
    active: string[];
    rejected?: { why: string };
    guards: { rule: string; section: string }[];
  };
}

async function followsItsFile({ url, adminUrl, push }: Ruled): Promise<void> {
  const products = () => fetch(`${url}/v1/products`);
  for (let i = 0; i < 3; i++) assert.equal((await products()).status, 200);
  push(limited);
  const pushed = performance.now();
  await eventually(async () => (await products()).status === 429);
  // The time from a rule change to effect is promised.
  assert.ok(performance.now() - pushed < 1000, `${performance.now() - pushed} ms`);
  const refused = await products();
  assert.equal(refused.status, 429);
  assert.ok(Number(refused.headers.get("retry-after")) >= 1, `retry-after ${refused.headers.get("retry-after")}`);
  const { active, guards } = await rulesAt(adminUrl);
  assert.deepEqual(active, ["few"]);
  assert.deepEqual(
    guards.map(({ rule, section }) => `${rule}/${section}`),
    ["few/limit"],
  );

  push("rules: [{ name: few, limt: 1 }]\n");
  await eventually(async () => (await rulesAt(adminUrl)).rejected !== undefined);
  const { active: stay, rejected } = await rulesAt(adminUrl);
  assert.deepEqual(stay, ["few"]);
  assert.match(rejected?.why ?? "", /:1:22: rules\[0\]\.limt: .*did you mean limit/);
  assert.equal((await products()).status, 429);

  push("rules: []\n");
  await eventually(async () => (await products()).status === 200);
  assert.equal((await rulesAt(adminUrl)).rejected, undefined);
  for (let i = 0; i < 3; i++) assert.equal((await products()).status, 200);
}

describe("a rule file", () => {
  it("is followed by a platform in one process", async (t) => {
    const { push, options } = ruleFile(t);
    const platform = await startPlatform(options);
    t.after(() => platform.stop());
    await followsItsFile({ url: platform.url, adminUrl: platform.adminUrl, push });
  });

  it("is followed by every process of the split platform, which share a limit", async (t) => {
    const { push, options } = ruleFile(t);
    const platform = await startSplit(options);
    t.after(() => platform.stop());
    const adminUrl = platform.processes.get("catalog")?.addresses.admin ?? "";
    await followsItsFile({ url: platform.url, adminUrl, push });
    push(limited.replace("burst: 1", "burst: 1, shared: true"));
    await eventually(async () => (await fetch(`${platform.url}/v1/products`)).status === 429);
    assert.equal((await rulesAt(adminUrl)).rejected, undefined);
  });
});
