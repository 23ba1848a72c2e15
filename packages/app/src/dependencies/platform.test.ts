import assert from "node:assert/strict";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import type { Call, Runtime } from "@sampan/core";
import type { KeyValue } from "@sampan/core/ports";
import type { MiniProgramProvider } from "@sampan/miniprogram";
import type { SingletonDependency } from "../dependency.js";
import { alone, noSettings, noted } from "../echo.fixture.js";
import { AppErrors } from "../errors.js";
import { run } from "../run.js";
import { service } from "../service.js";
import { keyValue } from "./key-value.js";
import { platform } from "./platform.js";

interface Got {
  platform: MiniProgramProvider;
  keyValue: KeyValue;
  runtime: Runtime;
}

async function started(t: TestContext, set: Record<string, unknown> = {}) {
  const data = await mkdtemp(join(tmpdir(), "platform-"));
  t.after(() => rm(data, { recursive: true, force: true }));
  const got: Got[] = [];
  const auth = service({
    name: "auth",
    settings: noSettings,
    needs: { platform, keyValue },
    build({ platform, keyValue, runtime }) {
      got.push({ platform, keyValue, runtime });
      return {};
    },
  });
  const process = await run(auth, alone({ process: { data }, platform: set }));
  return { process, data, ...(got[0] as Got) };
}

test("the platform's access token is shared in the store of the process, sealed", async (t) => {
  const { process, data, platform, keyValue, runtime } = await started(t);
  t.after(() => process.stop());
  const call: Call = runtime.root({ name: "test" });
  await assert.rejects(platform.checkSession?.("oNobody", "k", call) ?? assert.fail(), /knows no such user/);
  const keys = JSON.parse(await readFile(join(data, "standin", "standin-keys.json"), "utf8"));
  const record = await keyValue.get(`miniprogram/token/wechat/${keys.appId}`);
  assert.ok(record !== undefined && record.length > 500);
});

test("messages are taken when the push address has settings, and not without", async (t) => {
  const without = await started(t);
  assert.equal(without.platform.push, undefined);
  await without.process.stop();
  const settings = { pushToken: "pushtoken1", pushAesKey: "A".repeat(43), previousPushAesKey: "B".repeat(43) };
  const { process, platform } = await started(t, settings);
  assert.ok(platform.push !== undefined);
  await process.stop();
});

test("settings that the platform cannot work with end the start, without their secrets", async (t) => {
  for (const wrong of [
    { pushToken: "the secret token" },
    { mode: "wechat", appId: "wx1", appSecret: "s", tenantApps: "the secret apps" },
  ]) {
    await assert.rejects(
      started(t, wrong),
      (error) =>
        AppErrors.START_FAILED.is(error) &&
        /push.token|tenantApps/.test(error.message) &&
        !/the secret/.test(error.message),
    );
  }
});

test("a dependency that another needs is opened first, once, and closed after it", async () => {
  const notes: string[] = [];
  const store = noted("store", notes);
  const hub: SingletonDependency<string> = {
    name: "hub",
    lifetime: "process",
    async open({ need }) {
      const value = `hub on ${await need(store)}`;
      notes.push("open hub");
      return { value, close: () => void notes.push("close hub") };
    },
  };
  const module = service({ name: "auth", settings: noSettings, needs: { hub, store }, build: () => ({}) });
  const process = await run(module, alone());
  await process.stop();
  assert.deepEqual(notes, ["open store", "open hub", "close hub", "close store"]);
});
