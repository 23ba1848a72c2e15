import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { FileConfigStore } from "@sampan/config";
import { RpcError, systemClock } from "@sampan/core";
import { EchoService } from "@sampan/testkit";
import { alone, echo, noSettings } from "../echo.fixture.js";
import { run } from "../run.js";
import { service } from "../service.js";

const limited = (rate: string) =>
  `rules: [{ name: few, match: { method: Unary }, limit: { rate: ${rate}, burst: 1 } }]`;

async function start(t: TestContext, folder: string, lines: string[]) {
  const serving = service({ name: "echo", settings: noSettings, needs: {}, build: () => ({ serves: [echo()] }) });
  const set = {
    process: { data: join(folder, "data") },
    config: { remote: `file://${folder}/shop/test`, startTimeout: "2s" },
    govern: { rules: "config:rules" },
  };
  const process = await run(serving, alone(set, lines));
  t.after(() => process.stop());
  /** How many of so many calls in a row were refused by a limit. */
  return async (calls: number): Promise<number> => {
    let refused = 0;
    for (let i = 0; i < calls; i++) {
      await process
        .runtime("echo")
        .run({ name: "t" }, (call) => call.to(EchoService).unary({ text: "x" }))
        .catch((thrown: unknown) => {
          if (!(thrown instanceof RpcError) || thrown.reason !== "RATE_LIMITED") throw thrown;
          refused++;
        });
    }
    return refused;
  };
}

async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 200 && !(await holds()); tries++) {
    await new Promise<void>((resolve) => void systemClock.timer(25, resolve));
  }
  assert.ok(await holds());
}

test("rules come from the centre, are followed there, and a wrong document leaves the last good ones", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "sampan-rules-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const store = new FileConfigStore(folder);
  t.after(() => store.close());
  await store.publish("shop/test/rules", limited("1/h"));
  const lines: string[] = [];
  const refusedOf = await start(t, folder, lines);
  assert.equal(await refusedOf(3), 2);
  await store.publish("shop/test/rules", "rules: []");
  await until(async () => (await refusedOf(2)) === 0);
  await store.publish("shop/test/rules", limited("1/h"));
  await until(async () => (await refusedOf(2)) > 0);
  await store.publish("shop/test/rules", limited("plenty"));
  await until(() => lines.some((line) => line.includes("those before stay")));
  assert.equal(await refusedOf(2), 2);
});

test("rules that are wrong at the start are an error of the start, with line and column", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "sampan-rules-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const store = new FileConfigStore(folder);
  t.after(() => store.close());
  await store.publish("shop/test/rules", "rules: [{ name: few, limt: 1 }]");
  await assert.rejects(start(t, folder, []), /1:22: rules\[0\]\.limt: .*did you mean limit/s);
});
