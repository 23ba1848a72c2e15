import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { RpcError } from "@sampan/core";
import { EchoService } from "@sampan/testkit";
import { alone, echo, noSettings } from "../echo.fixture.js";
import { run } from "../run.js";
import { service } from "../service.js";

const serving = service({ name: "echo", settings: noSettings, needs: {}, build: () => ({ serves: [echo()] }) });

function withGovern(set: Readonly<Record<string, unknown>>) {
  const options = alone();
  return { ...options, sources: { ...options.sources, set: { ...options.sources?.set, govern: set } } };
}

test("a process holds the rules of its file and its preset, and records calls", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "govern-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const rules = join(folder, "rules.yaml");
  writeFileSync(rules, "rules: [{ name: few, match: { method: Unary }, limit: { rate: 1/h, burst: 2 } }]");
  const process = await run(serving, withGovern({ rules, preset: "classic", record: join(folder, "calls") }));
  const ask = () => process.runtime("echo").run({ name: "t" }, (call) => call.to(EchoService).unary({ text: "x" }));
  await ask();
  await ask();
  await assert.rejects(ask(), (error) => error instanceof RpcError && error.reason === "RATE_LIMITED");
  await process.stop();
  const [file = ""] = readdirSync(join(folder, "calls"));
  const lines = readFileSync(join(folder, "calls", file), "utf8")
    .trimEnd()
    .split("\n");
  assert.deepEqual(
    lines.map((line) => JSON.parse(line)).map(({ side, reason }) => `${side} ${reason}`.trim()),
    ["server", "client", "server", "client", "server RATE_LIMITED", "client RATE_LIMITED"],
  );
});

test("a process does not start with rules that are wrong, and says where", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "govern-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const rules = join(folder, "rules.yaml");
  writeFileSync(rules, "rules: [{ name: few, limt: 1 }]");
  await assert.rejects(
    run(serving, withGovern({ rules })),
    /traffic rules did not start: .*:1:22: rules\[0\]\.limt: .*did you mean limit/s,
  );
});
