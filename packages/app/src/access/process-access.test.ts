import assert from "node:assert/strict";
import { mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import type { RpcError } from "@sampan/core";
import { EchoService } from "@sampan/testkit";
import { alone, echo, noSettings } from "../echo.fixture.js";
import { run } from "../run.js";
import { service } from "../service.js";

const named = (name: string, serves: ReturnType<typeof echo>[] = []) =>
  service({ name, settings: noSettings, needs: {}, build: () => ({ serves }) });
const allowing = (caller: string) =>
  `rules: [{ name: ${caller}-calls, from: [${caller}], to: [sampan.test.v1.EchoService/Unary] }]`;

/** Three services of one process, under a policy in a file. */
async function world(t: TestContext, policy: string, access: Record<string, unknown> = {}) {
  const folder = mkdtempSync(join(tmpdir(), "access-"));
  const file = join(folder, "access.yaml");
  const write = (text: string): void => {
    writeFileSync(`${file}.new`, text);
    renameSync(`${file}.new`, file);
  };
  write(policy);
  let told = (): void => {};
  const lines: string[] = [];
  const set = { access: { policy: file, ...access }, process: { adminPort: 0 } };
  const process = await run([named("echo", [echo()]), named("order"), named("cart")], {
    ...alone(set),
    logSink: {
      write(line: string) {
        lines.push(line);
        told();
        return true;
      },
      flush() {},
    },
  });
  // Watching a file does not keep a process alive, and nothing else does here.
  const alive = setInterval(() => {}, 1000);
  t.after(async () => {
    clearInterval(alive);
    await process.stop();
    rmSync(folder, { recursive: true });
  });
  return {
    write,
    lines,
    /** What a service gets that asks. */
    ask: (name: string) =>
      process
        .runtime(name)
        .run({ name: "t" }, (call) => call.to(EchoService).unary({ text: "x" }))
        .then(
          ({ text }) => text,
          (error: RpcError) => error.reason,
        ),
    async page(query = "") {
      const response = await fetch(`${process.addresses.get("admin")}/access${query}`);
      return (await response.json()) as Record<string, unknown>;
    },
    async logged(pattern: RegExp, times = 1) {
      while (lines.filter((line) => pattern.test(line)).length < times)
        await new Promise<void>((resolve) => {
          told = resolve;
        });
    },
  };
}

test("in one process a caller is the service that it is, and may call what the policy says", async (t) => {
  const { ask, page, lines } = await world(t, allowing("order"));
  assert.equal(await ask("order"), "x");
  assert.equal(await ask("cart"), "ACCESS_DENIED");
  assert.equal(await ask("cart"), "ACCESS_DENIED");
  const { denials, policy } = await page();
  assert.deepEqual(
    (denials as Record<string, unknown>[]).map(({ identity, method, isShadow, count }) => [
      identity,
      method,
      isShadow,
      count,
    ]),
    [["cart", "sampan.test.v1.EchoService/Unary", false, 2]],
  );
  assert.equal((policy as { mode: string }).mode, "enforce");
  // Once a minute and pair, however often it is tried.
  assert.equal(lines.filter((line) => line.includes("refuses a call")).length, 1);
  const { decision } = await page("?identity=cart&method=sampan.test.v1.EchoService/Unary");
  assert.deepEqual(decision, { allowed: false, rule: "", because: "no rule allows it" });
});

test("in shadow nothing is refused, and what would be is told", async (t) => {
  const { ask, page, lines } = await world(t, allowing("order"), { mode: "shadow" });
  assert.equal(await ask("cart"), "x");
  const { denials } = await page();
  assert.deepEqual(
    (denials as Record<string, unknown>[]).map(({ identity, isShadow }) => [identity, isShadow]),
    [["cart", true]],
  );
  assert.ok(lines.some((line) => line.includes("would refuse a call")));
});

test("another policy counts from the next call on; one that is wrong does not, and says why", async (t) => {
  const { ask, page, write, logged } = await world(t, allowing("order"));
  assert.equal(await ask("cart"), "ACCESS_DENIED");
  write("rules: [{ name: all, form: [cart], to: ['*'] }]");
  await logged(/not taken over.*access\.yaml:1:22: form is no field of a rule/);
  assert.equal(await ask("order"), "x");
  assert.match(JSON.stringify((await page()).rejected), /form is no field/);
  write(allowing("cart"));
  await logged(/policy is in force/, 2);
  assert.equal(await ask("cart"), "x");
  assert.equal(await ask("order"), "ACCESS_DENIED");
  assert.equal((await page()).rejected, undefined);
});

test("a process does not start with a policy that is wrong, or not there", async () => {
  const start = (policy: string) => run(named("echo"), alone({ access: { policy } }));
  await assert.rejects(start("/nowhere/access.yaml"), /access policy did not start: ENOENT/);
  const folder = mkdtempSync(join(tmpdir(), "access-"));
  const file = join(folder, "access.yaml");
  writeFileSync(file, "rules: []");
  await assert.rejects(start(file), /access policy did not start: .*rules must be a list that is not empty/s);
  rmSync(folder, { recursive: true });
});
