import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { openAuditTrail } from "@sampan/identity/audit";
import { CommandError } from "../command/command-error.js";
import { runAudit } from "./audit.js";

async function trailOf(t: TestContext) {
  const folder = mkdtempSync(join(tmpdir(), "sampan-audit-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const trail = await openAuditTrail({ folder });
  const event = {
    subject: "op",
    caller: "gateway",
    action: "a.B/C",
    target: "",
    outcome: "OK",
    traceId: "",
    details: {},
  };
  for (const tenant of ["shop-a", "shop-b", "shop-a"]) await trail.append({ ...event, tenant });
  await trail.close();
  const run = async (...argv: string[]): Promise<{ status: number; lines: string[] }> => {
    const lines: string[] = [];
    return { status: await runAudit(argv, (line) => lines.push(line)), lines };
  };
  return { folder, run, head: `${trail.head.sequence}:${trail.head.hash}` };
}

test("verify says that a trail is whole, and with status 1 where it is not", async (t) => {
  const { folder, run, head } = await trailOf(t);
  assert.deepEqual(await run("verify", folder, "--expect", head), {
    status: 0,
    lines: ["3 entries in 1 file: whole", `the head is ${head}`],
  });
  const path = join(folder, readdirSync(folder).find((name) => name.endsWith(".jsonl")) as string);
  writeFileSync(path, readFileSync(path, "utf8").replace("shop-b", "shop-c"));
  const { status, lines } = await run("verify", folder);
  assert.equal(status, 1);
  assert.match(lines[0] ?? "", /\.jsonl:3: its content does not fit its hash/);
});

test("export prints what fits", async (t) => {
  const { folder, run } = await trailOf(t);
  const { lines } = await run("export", folder, "--tenant", "shop-a", "--action", "a.B/*", "--since", "2020-01-01");
  assert.deepEqual(
    lines.map((line) => (JSON.parse(line) as { tenant: string }).tenant),
    ["shop-a", "shop-a"],
  );
  assert.deepEqual((await run("export", folder, "--until", "2020-01-01T00:00+08:00")).lines, []);
});

test("what is not understood is said", async (t) => {
  const { folder, run } = await trailOf(t);
  for (const [argv, what] of [
    [[], /needs to know what/],
    [["check"], /no sampan audit check/],
    [["verify"], /takes one folder/],
    [["verify", `${folder}-not`], /is no folder/],
    [["verify", folder, "--expect", "7"], /is no head/],
    [["export", folder, "--since", "monday"], /is no time/],
    [["export", folder, "--who", "x"], /Unknown option/],
    [["verify", tmpdir()], /no audit trail/],
  ] as const) {
    await assert.rejects(
      run(...argv),
      (error: Error) => error instanceof CommandError && what.test(error.message),
      String(what),
    );
  }
});
