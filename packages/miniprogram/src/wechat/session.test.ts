import assert from "node:assert/strict";
import { test } from "node:test";
import { MiniProgramErrors } from "../errors.js";
import { rejectsWith, startWorld, type World } from "../standin/world.fixture.js";
import { sessionSignature } from "./session.js";

async function loggedIn(world: World, openid?: string): Promise<{ subject: string; sessionSecret: string }> {
  const { code } = await world.control("login-codes", openid === undefined ? {} : { openid }, 201);
  const { subject, sessionSecret } = await world.provider.login(code, world.call());
  return { subject, sessionSecret: sessionSecret ?? assert.fail() };
}

const isValid = (world: World, subject: string, sessionSecret: string): Promise<boolean> | undefined =>
  world.provider.checkSession?.(subject, sessionSecret, world.call());

test("the signature's key is the base64 text of the session key", () => {
  assert.equal(
    sessionSignature("o0q0otL8aEzpcZL/FT9WsQ==", '{"foo":"bar"}'),
    "654571f79995b2ce1e149e53c0a33dc39c0a74090db514261454e8dbe432aa0b",
  );
  assert.match(sessionSignature("o0q0otL8aEzpcZL/FT9WsQ=="), /^[0-9a-f]{64}$/);
});

test("a session key is valid until a later login of the same user", async (t) => {
  const world = await startWorld(t);
  const { subject, sessionSecret } = await loggedIn(world);
  assert.equal(await isValid(world, subject, sessionSecret), true);
  await loggedIn(world);
  assert.equal(await isValid(world, subject, sessionSecret), true);
  const later = await loggedIn(world, subject);
  assert.equal(await isValid(world, subject, sessionSecret), false);
  assert.equal(await isValid(world, subject, later.sessionSecret), true);
});

test("a session key ends at its time, or when the platform ends it", async (t) => {
  const world = await startWorld(t, { rules: { sessionMs: 60_000 } });
  const { subject, sessionSecret } = await loggedIn(world);
  await world.clock.advance(59_999);
  assert.equal(await isValid(world, subject, sessionSecret), true);
  await world.clock.advance(1);
  assert.equal(await isValid(world, subject, sessionSecret), false);
  const second = await loggedIn(world, subject);
  await world.control(`users/${subject}/session/end`, {});
  assert.equal(await isValid(world, subject, second.sessionSecret), false);
  await world.control("users/oNobody/session/end", {}, 404);
});

test("a reset gives a new key, which ends when the old one would have", async (t) => {
  const world = await startWorld(t, { rules: { sessionMs: 60_000 } });
  const { subject, sessionSecret } = await loggedIn(world);
  await world.clock.advance(40_000);
  const reset = await world.provider.resetSession?.(subject, sessionSecret, world.call());
  assert.equal(reset?.subject, subject);
  assert.notEqual(reset?.sessionSecret, sessionSecret);
  assert.equal(await isValid(world, subject, sessionSecret), false);
  assert.equal(await isValid(world, subject, reset?.sessionSecret ?? ""), true);
  await rejectsWith(
    world.provider.resetSession?.(subject, sessionSecret, world.call()) ?? assert.fail(),
    MiniProgramErrors.SESSION_INVALID,
    "87009",
  );
  await world.clock.advance(20_000);
  assert.equal(await isValid(world, subject, reset?.sessionSecret ?? ""), false);
});

test("a reset whose answer is lost is not sent again", async (t) => {
  const world = await startWorld(t);
  const { subject, sessionSecret } = await loggedIn(world);
  await isValid(world, subject, sessionSecret);
  await world.control("faults", { kind: "drop-after", path: "/wxa/resetusersessionkey" });
  const reset = world.provider.resetSession?.(subject, sessionSecret, world.call()) ?? assert.fail();
  await rejectsWith(reset, MiniProgramErrors.PLATFORM_NO_ANSWER);
  assert.equal(await isValid(world, subject, sessionSecret), false);
});

test("a check whose answer is lost is sent again, once", async (t) => {
  const world = await startWorld(t);
  const { subject, sessionSecret } = await loggedIn(world);
  for (const kind of ["drop", "drop-after", "busy"]) {
    await world.control("faults", { kind, path: "/wxa/checksession" });
    assert.equal(await isValid(world, subject, sessionSecret), true, kind);
  }
  await world.control("faults", { kind: "busy", path: "/wxa/checksession", times: 2 });
  await rejectsWith(isValid(world, subject, sessionSecret) ?? assert.fail(), MiniProgramErrors.PLATFORM_BUSY);
});

test("users that the platform does not know are an error, not a no", async (t) => {
  const world = await startWorld(t);
  await rejectsWith(isValid(world, "oNobody", "key") ?? assert.fail(), MiniProgramErrors.RECIPIENT_UNKNOWN, "40003");
});
