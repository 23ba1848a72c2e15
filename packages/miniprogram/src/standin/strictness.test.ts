import assert from "node:assert/strict";
import { createPrivateKey } from "node:crypto";
import { test } from "node:test";
import { formatAuthorization } from "../wechat/pay/authorization.js";
import { requestMessage, signText } from "../wechat/pay/signature.js";
import { startWorld, type World } from "./world.fixture.js";

const jsapi = "/v3/pay/transactions/jsapi";

async function authorization(world: World, path: string, body: string, change: object = {}): Promise<string> {
  const { keys, clock } = world;
  const given = {
    mchid: keys.merchantId,
    serialNo: keys.merchantSerial,
    nonceStr: "nonce",
    timestamp: String(clock.now() / 1000),
    ...change,
  };
  const message = requestMessage("POST", path, given.timestamp, given.nonceStr, body);
  return formatAuthorization({
    ...given,
    signature: await signText(message, createPrivateKey(keys.merchant.privateKey)),
  });
}

async function post(world: World, path: string, body: string, headers: Record<string, string> = {}) {
  const answer = await fetch(`${world.standin.url}${path}`, {
    method: "POST",
    headers: { accept: "application/json", "content-type": "application/json", "user-agent": "test", ...headers },
    body,
  });
  const text = await answer.text();
  return { status: answer.status, body: text === "" ? {} : JSON.parse(text), headers: answer.headers };
}

function orderBody(world: World, openid: string, change: object = {}): string {
  return JSON.stringify({
    appid: world.keys.appId,
    mchid: world.keys.merchantId,
    description: "tea",
    out_trade_no: "strict-1",
    notify_url: world.merchant.url,
    amount: { total: 1, currency: "CNY" },
    payer: { openid },
    ...change,
  });
}

test("the minimal order of the vendor's page is accepted, and the answer signed", async (t) => {
  const world = await startWorld(t);
  const body = orderBody(world, await world.user(), { amount: { total: 1 } });
  const answer = await post(world, jsapi, body, { authorization: await authorization(world, jsapi, body) });
  assert.equal(answer.status, 200);
  assert.equal(answer.headers.get("wechatpay-serial"), world.keys.platform[0]?.serial);
});

test("each wrong or missing field is a PARAM_ERROR", async (t) => {
  const world = await startWorld(t);
  const openid = await world.user();
  const changes: object[] = [
    { appid: undefined },
    { mchid: "1900000000" },
    { description: undefined },
    { description: 7 },
    { out_trade_no: undefined },
    { notify_url: undefined },
    { notify_url: "https://user:password@example.com/" },
    { amount: undefined },
    { amount: { total: 0 } },
    { amount: { total: -1 } },
    { amount: { total: 1.5 } },
    { amount: { total: "1" } },
    { amount: { total: 1e300 } },
    { amount: { total: 1, currency: "" } },
    { payer: undefined },
    { payer: { openid: ["o"] } },
    { time_expire: "tomorrow" },
    { time_expire: "2023-11-14T22:13:20Z" },
    { time_expire: 1_700_000_900 },
    { attach: "x".repeat(129) },
  ];
  for (const change of changes) {
    const body = orderBody(world, openid, change);
    const answer = await post(world, jsapi, body, { authorization: await authorization(world, jsapi, body) });
    assert.equal(answer.status, 400, JSON.stringify(change));
    assert.equal(answer.body.code, "PARAM_ERROR");
  }
  const body = orderBody(world, openid, { appid: "wx0000000000000000" });
  const answer = await post(world, jsapi, body, { authorization: await authorization(world, jsapi, body) });
  assert.equal(answer.body.code, "APPID_MCHID_NOT_MATCH");
});

test("a body that is no object is a PARAM_ERROR, however strange", async (t) => {
  const world = await startWorld(t);
  for (const body of ["", "[]", "null", "{", "[".repeat(60_000), '{"a":'.repeat(9_000)]) {
    const answer = await post(world, jsapi, body, { authorization: await authorization(world, jsapi, body) });
    assert.equal(answer.status, 400);
    assert.equal(answer.body.code, "PARAM_ERROR");
  }
  const huge = "x".repeat(70_000);
  assert.equal((await post(world, jsapi, huge)).status, 413);
});

test("requests that the merchant did not sign, or not lately, are refused without a signature", async (t) => {
  const world = await startWorld(t);
  const body = orderBody(world, await world.user());
  const now = world.clock.now() / 1000;
  const refused = [
    "",
    "Bearer token",
    (await authorization(world, jsapi, body)).replace("2048", "4096"),
    await authorization(world, "/v3/other", body),
    await authorization(world, jsapi, `${body} `),
    await authorization(world, jsapi, body, { serialNo: "AB".repeat(20) }),
    await authorization(world, jsapi, body, { timestamp: String(now - 300) }),
    await authorization(world, jsapi, body, { timestamp: String(now + 300) }),
  ];
  for (const header of refused) {
    const answer = await post(world, jsapi, body, header === "" ? {} : { authorization: header });
    assert.equal(answer.status, 401, header);
    assert.equal(answer.body.code, "SIGN_ERROR");
    assert.equal(answer.headers.get("wechatpay-signature"), null);
  }
  for (const timestamp of [String(now - 299), String(now + 299)]) {
    const header = await authorization(world, jsapi, body, { timestamp });
    assert.equal((await post(world, jsapi, body, { authorization: header })).status, 200);
  }
  const stranger = await authorization(world, jsapi, body, { mchid: "1000000000" });
  assert.equal((await post(world, jsapi, body, { authorization: stranger })).body.code, "MCH_NOT_EXISTS");
});

test("requests must say that they speak JSON", async (t) => {
  const world = await startWorld(t);
  assert.equal((await post(world, jsapi, "{}", { accept: "text/html" })).status, 406);
  assert.equal((await post(world, jsapi, "{}", { "content-type": "text/plain" })).status, 415);
  assert.equal((await post(world, "/v3/nothing", "{}")).status, 404);
  assert.equal((await post(world, "/sns/jscode2session", "{}")).status, 405);
});

test("a refund's fields are checked, and what the stand-in cannot do is refused", async (t) => {
  const world = await startWorld(t);
  const path = "/v3/refund/domestic/refunds";
  const right = { out_trade_no: "strict-1", out_refund_no: "r1", amount: { refund: 1, total: 1, currency: "CNY" } };
  const changes: object[] = [
    { out_trade_no: undefined },
    { out_refund_no: undefined },
    { out_refund_no: "x".repeat(65) },
    { amount: { refund: 0, total: 1, currency: "CNY" } },
    { amount: { refund: 1, total: 1 } },
    { amount: { refund: 1.5, total: 2, currency: "CNY" } },
    { reason: "" },
    { reason: "茶".repeat(27) },
    { notify_url: "http://example.com/" },
    { transaction_id: 42 },
  ];
  for (const change of changes) {
    const body = JSON.stringify({ ...right, ...change });
    const answer = await post(world, path, body, { authorization: await authorization(world, path, body) });
    assert.equal(answer.body.code, "PARAM_ERROR", JSON.stringify(change));
  }
});

test("a token is the same until its last five minutes, when old and new are both good", async (t) => {
  const world = await startWorld(t);
  const { appId: appid, appSecret: secret } = world.keys;
  const ask = async (change: object = {}) =>
    (
      await post(
        world,
        "/cgi-bin/stable_token",
        JSON.stringify({ grant_type: "client_credential", appid, secret, ...change }),
      )
    ).body;
  const send = async (token: string) =>
    (await post(world, `/cgi-bin/message/subscribe/send?access_token=${token}`, "{}")).body.errcode;

  const first = await ask();
  assert.equal(first.expires_in, 7200);
  assert.ok(first.access_token.length >= 512);
  await world.clock.advance(6_899_000);
  assert.deepEqual(await ask(), { access_token: first.access_token, expires_in: 301 });
  await world.clock.advance(1_000);
  const second = await ask();
  assert.notEqual(second.access_token, first.access_token);
  assert.equal(await send(first.access_token), 40003);
  assert.equal(await send(second.access_token), 40003);
  await world.clock.advance(300_000);
  assert.equal(await send(first.access_token), 42001);
  assert.equal(await send(second.access_token), 40003);
  assert.equal(await send("never-was"), 40001);
  assert.equal(await send(""), 41001);

  assert.equal((await ask({ appid: "wx0" })).errcode, 40013);
  assert.equal((await ask({ secret: "no" })).errcode, 40125);
  assert.equal((await ask({ grant_type: "password" })).errcode, 40002);
  assert.equal((await ask({ secret: undefined })).errcode, 41004);
});

test("forced renewal ends the old token at once, and is rationed", async (t) => {
  const world = await startWorld(t, { rules: { forcedTokensPerDay: 2 } });
  const { appId: appid, appSecret: secret } = world.keys;
  const force = async () => {
    const body = { grant_type: "client_credential", appid, secret, force_refresh: true };
    return (await post(world, "/cgi-bin/stable_token", JSON.stringify(body))).body;
  };
  const first = await force();
  assert.equal((await force()).errcode, 45011);
  await world.clock.advance(30_000);
  const second = await force();
  assert.notEqual(second.access_token, first.access_token);
  const send = await post(world, `/cgi-bin/message/subscribe/send?access_token=${first.access_token}`, "{}");
  assert.equal(send.body.errcode, 42001);
  await world.clock.advance(30_000);
  assert.equal((await force()).errcode, 45009);
  await world.clock.advance(86_400_000);
  assert.ok((await force()).access_token);
});
