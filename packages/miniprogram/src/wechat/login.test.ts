import assert from "node:assert/strict";
import { test } from "node:test";
import { Code, RpcError } from "@sampan/core";
import { isRetryable, MiniProgramErrors } from "../errors.js";
import { rejectsWith, startWorld } from "../standin/world.fixture.js";

test("a code is exchanged for the user, and only once", async (t) => {
  const world = await startWorld(t);
  await world.control("users", { openid: "oAlice", unionId: "uAlice" }, 201);
  const { code } = await world.control("login-codes", { openid: "oAlice" }, 201);
  const login = await world.provider.login(code, world.call());
  assert.equal(login.subject, "oAlice");
  assert.equal(login.unionId, "uAlice");
  assert.equal(Buffer.from(login.sessionSecret ?? "", "base64").length, 16);
  await rejectsWith(world.provider.login(code, world.call()), MiniProgramErrors.LOGIN_CODE_INVALID, "40163");
});

test("a user without a union id has none", async (t) => {
  const world = await startWorld(t);
  const { code, openid } = await world.control("login-codes", {}, 201);
  const login = await world.provider.login(code, world.call());
  assert.equal(login.subject, openid);
  assert.equal("unionId" in login, false);
});

test("a code lives five minutes, to the millisecond", async (t) => {
  const world = await startWorld(t);
  const [early, late] = [await world.control("login-codes", {}, 201), await world.control("login-codes", {}, 201)];
  await world.clock.advance(299_999);
  assert.equal((await world.provider.login(early.code, world.call())).subject, early.openid);
  await world.clock.advance(1);
  await rejectsWith(world.provider.login(late.code, world.call()), MiniProgramErrors.LOGIN_CODE_INVALID, "40029");
});

test("a code that was made to expire is refused like any other that has", async (t) => {
  const world = await startWorld(t);
  const late = await world.control("login-codes", { lifeMs: 0 }, 201);
  await rejectsWith(world.provider.login(late.code, world.call()), MiniProgramErrors.LOGIN_CODE_INVALID, "40029");
  const short = await world.control("login-codes", { lifeMs: 1_000 }, 201);
  await world.clock.advance(999);
  assert.equal((await world.provider.login(short.code, world.call())).subject, short.openid);
});

test("unknown, empty and absurd codes are refused as credentials of the user", async (t) => {
  const world = await startWorld(t);
  for (const code of ["unknown", "", "x".repeat(100_000), "a&secret=b", "🍵"]) {
    const error = await world.provider.login(code, world.call()).catch((thrown) => thrown);
    assert.ok(MiniProgramErrors.LOGIN_CODE_INVALID.is(error));
    assert.equal(error.code, Code.Unauthenticated);
    assert.equal(isRetryable(error), false);
  }
});

test("a wrong app id or secret is our fault, not the user's", async (t) => {
  for (const [change, code] of [
    [{ appSecret: "0".repeat(32) }, "40125"],
    [{ appId: "wx0000000000000000" }, "40013"],
  ] as const) {
    const world = await startWorld(t, { configuration: change });
    const issued = await world.control("login-codes", {}, 201);
    await rejectsWith(
      world.provider.login(issued.code, world.call()),
      MiniProgramErrors.PLATFORM_REFUSED_CREDENTIALS,
      code,
    );
  }
});

test("a blocked user cannot log in until the block is gone", async (t) => {
  const world = await startWorld(t);
  const { code, openid } = await world.control("login-codes", {}, 201);
  await world.control(`users/${openid}/block`, { blocked: true });
  const error = await world.provider.login(code, world.call()).catch((thrown) => thrown);
  assert.ok(MiniProgramErrors.USER_BLOCKED.is(error));
  assert.equal(error.code, Code.PermissionDenied);
  await world.control(`users/${openid}/block`, { blocked: false });
  assert.equal((await world.provider.login(code, world.call())).subject, openid);
});

test("the minute quota of a user is one user's, and passes", async (t) => {
  const world = await startWorld(t, { rules: { loginsPerUserPerMinute: 2 } });
  const openid = await world.user();
  const login = async (who: string): Promise<unknown> =>
    world.provider.login((await world.control("login-codes", { openid: who }, 201)).code, world.call());
  await login(openid);
  await login(openid);
  const error = await login(openid).catch((thrown) => thrown);
  assert.ok(error instanceof RpcError && error.code === Code.ResourceExhausted && isRetryable(error));
  await login(await world.user());
  await world.clock.advance(60_000);
  await login(openid);
});

test("a busy platform is asked once more", async (t) => {
  const world = await startWorld(t);
  const { code, openid } = await world.control("login-codes", {}, 201);
  await world.control("faults", { kind: "busy" });
  assert.equal((await world.provider.login(code, world.call())).subject, openid);
});

test("a platform that stays busy is retryable, and the code is still good", async (t) => {
  const world = await startWorld(t);
  const { code, openid } = await world.control("login-codes", {}, 201);
  await world.control("faults", { kind: "busy", times: 2 });
  const error = await world.provider.login(code, world.call()).catch((thrown) => thrown);
  assert.ok(MiniProgramErrors.PLATFORM_BUSY.is(error) && isRetryable(error));
  assert.equal((await world.provider.login(code, world.call())).subject, openid);
});

test("a code whose answer was lost is not sent again", async (t) => {
  const world = await startWorld(t);
  const { code } = await world.control("login-codes", {}, 201);
  await world.provider.login((await world.control("login-codes", {}, 201)).code, world.call());
  await world.control("faults", { kind: "drop-after", path: "/sns/jscode2session" });
  await rejectsWith(world.provider.login(code, world.call()), MiniProgramErrors.PLATFORM_NO_ANSWER);
  await rejectsWith(world.provider.login(code, world.call()), MiniProgramErrors.LOGIN_CODE_INVALID, "40163");
});

test("the minute quota of the vendor's older page is 100 of a user", async (t) => {
  const world = await startWorld(t);
  const openid = await world.user();
  const login = async (): Promise<unknown> =>
    world.provider.login((await world.control("login-codes", { openid }, 201)).code, world.call());
  for (let i = 0; i < 100; i++) await login();
  await rejectsWith(login(), MiniProgramErrors.RATE_LIMITED, "45011");
  await world.control("quotas/reset", { name: "logins-user-minute" });
  await login();
});

test("an answer that is no JSON is an error of the platform", async (t) => {
  const world = await startWorld(t);
  const { code } = await world.control("login-codes", {}, 201);
  await world.control("faults", { kind: "garbage" });
  await rejectsWith(world.provider.login(code, world.call()), MiniProgramErrors.PLATFORM_ANSWER_INVALID);
});
