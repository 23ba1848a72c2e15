import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { CommandError } from "../command/command-error.js";
import { runAccess } from "./access.js";

async function run(...argv: string[]): Promise<{ readonly status: number; readonly text: string }> {
  const lines: string[] = [];
  return { status: await runAccess(argv, (line) => lines.push(line)), text: lines.join("\n") };
}

function fileOf(t: TestContext, text: string): string {
  const folder = mkdtempSync(join(tmpdir(), "sampan-access-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const file = join(folder, "access.yaml");
  writeFileSync(file, text);
  return file;
}

const reserve = "inventory.v1.InventoryService/Reserve";

test("what is printed is a policy that check finds nothing wrong with", async (t) => {
  const printed = await run("print");
  const file = fileOf(t, printed.text);
  const { status, text } = await run("check", file);
  assert.equal(status, 0);
  assert.match(text, /access\.yaml: \d+ rules, default deny, no problems$/);
});

test("check lists every problem where it is", async (t) => {
  const file = fileOf(t, "rules:\n  - name: a\n    from: [order]\n    to: [nothing]\n    whom: x\n");
  await assert.rejects(run("check", file), (error) => {
    assert.ok(error instanceof CommandError);
    assert.match(error.message, /has 2 problems\n.*access\.yaml:4:10: .*\n|access\.yaml:5:5: whom is no field/);
    return error.status === 1;
  });
  await assert.rejects(run("check", `${file}-not`), /cannot be read/);
  const inShadow = fileOf(t, "mode: shadow\nrules:\n  - name: a\n    from: [order]\n    to: ['*']\n");
  assert.match((await run("check", inShadow)).text, /1 rule, default deny, in shadow: it denies nothing/);
});

test("explain says which rule decides, and the status whether the call is allowed", async (t) => {
  const order = await run("explain", "--from", "order", "--to", reserve);
  assert.equal(order.status, 0);
  assert.match(
    order.text,
    /^spiffe:\/\/sampan\.internal\/ns\/sampan\/sa\/order may call .*: the rule order-calls allows it/,
  );
  assert.match(order.text, /→ order-calls \(allow\): caller and method match/);
  const gateway = await run("explain", "--from", "gateway", "--to", `/${reserve}`);
  assert.equal(gateway.status, 1);
  assert.match(gateway.text, /may not call inventory\.v1\.InventoryService\/Reserve: no rule allows it/);
  const elsewhere = await run("explain", "--from", "spiffe://sampan.internal/ns/other/sa/order", "--to", reserve);
  assert.equal(elsewhere.status, 1);
  const file = fileOf(t, `rules:\n  - name: a\n    mode: shadow\n    from: [order]\n    to: [${reserve}]\n`);
  const shadow = await run("explain", "--from", "order", "--to", reserve, "--policy", file, "--namespace", "shop");
  assert.equal(shadow.status, 1);
  assert.match(shadow.text, /without shadow it might: by the rule a/);
  assert.match(shadow.text, /→ a \(allow, in shadow\)/);
});

test("what is not understood is refused with status 2", async () => {
  for (const argv of [
    [],
    ["explian"],
    ["explain", "--from", "order"],
    ["explain", "--from", "order", "--to", "Reserve"],
    ["check"],
    ["print", "more"],
    ["print", "--colour"],
  ])
    await assert.rejects(run(...argv), (error) => error instanceof CommandError && error.status === 2, argv.join(" "));
});
