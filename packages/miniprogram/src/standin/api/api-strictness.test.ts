import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { sessionSignature } from "../../wechat/session.js";
import { startWorld, template, type World } from "../world.fixture.js";

/** A raw request; with a body a POST. The answer's fields as they are. */
async function ask(world: World, path: string, body?: unknown): Promise<Record<string, unknown>> {
  const answer = await fetch(`${world.standin.url}${path}`, {
    ...(body === undefined
      ? {}
      : { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) }),
  });
  assert.equal(answer.status, 200);
  return (await answer.json()) as Record<string, unknown>;
}

async function accessToken(world: World): Promise<string> {
  const { appId: appid, appSecret: secret } = world.keys;
  const answer = await ask(world, "/cgi-bin/stable_token", { grant_type: "client_credential", appid, secret });
  return String(answer.access_token);
}

test("interfaces that need a token say what is wrong with it before anything else", async (t) => {
  const world = await startWorld(t);
  const token = await accessToken(world);
  await world.clock.advance(7_200_000);
  for (const [path, body] of [
    ["/wxa/checksession", undefined],
    ["/wxa/resetusersessionkey", undefined],
    ["/wxa/business/getuserphonenumber", {}],
    ["/cgi-bin/message/subscribe/send", {}],
  ] as const) {
    assert.equal((await ask(world, path, body)).errcode, 41001, path);
    assert.equal((await ask(world, `${path}?access_token=other`, body)).errcode, 40001, path);
    assert.equal((await ask(world, `${path}?access_token=${token}`, body)).errcode, 42001, path);
  }
});

test("a session's signature is over the empty text, by the base64 text, in lower-case hex", async (t) => {
  const world = await startWorld(t);
  const { code, openid } = await world.control("login-codes", {}, 201);
  const { sessionSecret = "" } = await world.provider.login(code, world.call());
  const access_token = await accessToken(world);
  const errcode = async (change: Record<string, string>): Promise<unknown> => {
    const signature = sessionSignature(sessionSecret);
    const query = new URLSearchParams({ access_token, openid, signature, sig_method: "hmac_sha256", ...change });
    return (await ask(world, `/wxa/checksession?${query}`)).errcode;
  };
  assert.equal(await errcode({}), 0);
  assert.equal(await errcode({ signature: sessionSignature(sessionSecret, "x") }), 87009);
  assert.equal(await errcode({ signature: sessionSignature(sessionSecret).toUpperCase() }), 87009);
  assert.equal(await errcode({ signature: "" }), 87009);
  assert.equal(await errcode({ sig_method: "sha1" }), 87007);
  assert.equal(await errcode({ openid: "oNobody" }), 40003);
  const stranger = await world.user();
  assert.equal(await errcode({ openid: stranger, signature: sessionSignature("") }), 87009);
});

test("a phone code is asked for in a body of JSON", async (t) => {
  const world = await startWorld(t);
  const path = `/wxa/business/getuserphonenumber?access_token=${await accessToken(world)}`;
  for (const body of [{}, { code: 7 }, { code: "" }, []]) assert.equal((await ask(world, path, body)).errcode, 47001);
  const answer = await fetch(`${world.standin.url}${path}`, { method: "POST", body: '{"code":"x"}' });
  assert.equal(((await answer.json()) as { errcode: number }).errcode, 47001);
});

test("a message's version, language and page are checked", async (t) => {
  const world = await startWorld(t);
  const openid = await world.user();
  await world.control("subscriptions", { openid, templateId: template });
  const path = `/cgi-bin/message/subscribe/send?access_token=${await accessToken(world)}`;
  const right = {
    touser: openid,
    template_id: template,
    data: { thing1: { value: "茶" }, amount2: { value: "1.00" } },
  };
  const errcode = async (change: object): Promise<unknown> => (await ask(world, path, { ...right, ...change })).errcode;
  assert.equal(await errcode({ miniprogram_state: "beta" }), 47003);
  assert.equal(await errcode({ lang: "de_DE" }), 47003);
  assert.equal(await errcode({ page: "https://example.com/" }), 41030);
  assert.equal(await errcode({ page: 7 }), 41030);
  assert.equal(await errcode({ data: { thing1: { value: "茶" } } }), 47003);
  assert.equal(await errcode({ data: { ...right.data, thing3: { value: "茶" } } }), 47003);
  assert.equal(await errcode({ page: "pages/order?id=1", lang: "en_US", miniprogram_state: "trial" }), 0);
  assert.equal(await errcode({}), 43101);
});

test("the day's quota of tokens is its own", async (t) => {
  const world = await startWorld(t, { rules: { tokensPerDay: 2, tokensPerMinute: 3 } });
  const { appId: appid, appSecret: secret } = world.keys;
  const request = { grant_type: "client_credential", appid, secret };
  const token = async (): Promise<Record<string, unknown>> => ask(world, "/cgi-bin/stable_token", request);
  await token();
  await token();
  assert.equal((await token()).errcode, 45009);
  assert.equal((await token()).errcode, 45011);
  await world.clock.advance(60_000);
  assert.equal((await token()).errcode, 45009);
  await world.clock.advance(86_400_000);
  assert.ok((await token()).access_token);
  await world.control("quotas/reset", {});
});

test("sessions and phone codes survive a restart", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "standin-"));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const dataFile = join(folder, "standin.jsonl");
  const before = await startWorld(t, { dataFile });
  const { code, openid } = await before.control("login-codes", {}, 201);
  const { sessionSecret = "" } = await before.provider.login(code, before.call());
  const [kept, used] = [
    await before.control("phone-codes", { openid, phoneNumber: "13800138000" }, 201),
    await before.control("phone-codes", { openid }, 201),
  ];
  await before.provider.phoneNumber?.(used.code, before.call());
  await before.standin.close();

  const after = await startWorld(t, { dataFile });
  assert.equal(await after.provider.checkSession?.(openid, sessionSecret, after.call()), true);
  assert.equal((await after.provider.phoneNumber?.(kept.code, after.call()))?.phoneNumber, "13800138000");
  await assert.rejects(after.provider.phoneNumber?.(used.code, after.call()) ?? assert.fail(), /phone code/);
  await after.clock.advance(72 * 3_600_000);
  assert.equal(await after.provider.checkSession?.(openid, sessionSecret, after.call()), false);
});
