import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import type { Runtime } from "@sampan/core";
import type { MiniProgramProvider } from "@sampan/miniprogram";
import { alone, noSettings } from "../echo.fixture.js";
import { AppErrors } from "../errors.js";
import { run } from "../run.js";
import { service } from "../service.js";
import { platform } from "./platform.js";

async function started(t: TestContext, set: Record<string, unknown>) {
  const data = await mkdtemp(join(tmpdir(), "platform-"));
  t.after(() => rm(data, { recursive: true, force: true }));
  const got: { platform: MiniProgramProvider; runtime: Runtime }[] = [];
  const auth = service({
    name: "auth",
    settings: noSettings,
    needs: { platform },
    build({ platform, runtime }) {
      got.push({ platform, runtime });
      return {};
    },
  });
  const process = await run(auth, alone({ process: { data }, platform: set }));
  t.after(() => process.stop());
  return { process, ...(got[0] ?? assert.fail()) };
}

test("the stand-in can be another platform, whose users log in there", async (t) => {
  for (const standinAs of ["alipay", "douyin"]) {
    const { process, platform: provider, runtime } = await started(t, { standinAs });
    assert.equal(provider.name, standinAs);
    assert.equal(provider.capabilities.pay, true);
    const answer = await fetch(`${process.addresses.get("standin")}/_control/login-codes`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ platform: standinAs }),
    });
    const { code, openid } = (await answer.json()) as { code: string; openid: string };
    assert.equal((await provider.login(code, runtime.root({ name: "test" }))).subject, openid);
  }
});

test("the real platforms start with settings alone, and with payments where those are given", async (t) => {
  const { platform: provider } = await started(t, { mode: "douyin", appId: "tt1", appSecret: "s" });
  assert.deepEqual([provider.name, provider.pay], ["douyin", undefined]);
  const paid = await started(t, { mode: "douyin", appId: "tt1", appSecret: "s", ecpaySalt: "a", ecpayToken: "b" });
  assert.notEqual(paid.platform.pay, undefined);
});

test("what a platform lacks ends the start, by name and without secrets", async (t) => {
  for (const [wrong, missing] of [
    [{ mode: "alipay", appId: "2021", appKey: "the secret key" }, /alipayPublicKey/],
    [{ mode: "douyin", appId: "tt1", appSecret: "the secret", ecpaySalt: "the secret salt" }, /pay\.token/],
  ] as const) {
    await assert.rejects(
      started(t, wrong),
      (error) => AppErrors.START_FAILED.is(error) && missing.test(error.message) && !/the secret/.test(error.message),
    );
  }
});
