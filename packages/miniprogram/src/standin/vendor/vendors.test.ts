import assert from "node:assert/strict";
import { createPrivateKey } from "node:crypto";
import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { signedText } from "../../alipay/signed-text.js";
import { chinaTime } from "../../china-time.js";
import { newOrder, payOf, startContractWorld } from "../../contract/contract-world.fixture.js";
import { alipay, douyin } from "../../contract/subjects.fixture.js";
import { requestSignature } from "../../douyin/pay/signature.js";
import { alipayProvider } from "../../index.js";
import { signText } from "../../wechat/pay/signature.js";
import { generateVendorKeys, loadOrCreateVendorKeys, standinAlipayConfiguration, startStandin } from "../index.js";
import { controlRequest, startWorld, testKeys } from "../world.fixture.js";

async function folder(t: TestContext): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), "sampan-vendors-"));
  t.after(() => rm(path, { recursive: true }));
  return path;
}

test("a stand-in without the keys of other vendors is WeChat alone", async (t) => {
  const world = await startWorld(t);
  for (const path of ["/gateway.do", "/api/apps/v2/jscode2session"]) {
    assert.equal((await fetch(`${world.standin.url}${path}`, { method: "POST" })).status, 404);
  }
});

test("vendors share nothing: users, orders and messages of one are nobody's in another", async (t) => {
  const world = await startContractWorld(t, alipay);
  const { url } = world.standin;
  await world.control("users", { openid: "same" }, 201);
  for (const platform of ["wechat", "douyin"]) {
    assert.equal((await controlRequest(url, "users", { openid: "same", platform }, 201)).openid, "same");
  }
  const order = await newOrder(world, { payerOpenid: "same" });
  await payOf(world).createOrder(order, world.call());
  assert.equal((await world.control(`orders/${order.outTradeNo}`)).openid, "same");
  await controlRequest(url, `orders/${order.outTradeNo}`, undefined, 404);
  await controlRequest(url, `orders/${order.outTradeNo}?platform=douyin`, undefined, 404);
});

test("what a vendor's users did survives a restart, callbacks included", async (t) => {
  const dataFile = join(await folder(t), "journal.jsonl");
  const [keys, vendors] = [await testKeys(), await generateVendorKeys()];
  const before = await startStandin({ keys, vendors, dataFile });
  const { code, openid } = await controlRequest(before.url, "login-codes", { platform: "alipay" }, 201);
  const provider = alipayProvider(standinAlipayConfiguration(vendors, before.url));
  const world = await startContractWorld(t, alipay);
  const order = await newOrder(world, { payerOpenid: openid, expiresAt: Date.now() + 900_000 });
  world.merchant.answer = { status: 500, body: "" };
  const { prepayId } = (await provider.pay?.createOrder(order, world.call())) ?? assert.fail();
  await controlRequest(before.url, "pay", { platform: "alipay", prepayId });
  const seen = await controlRequest(before.url, "orders?platform=alipay");
  assert.ok((seen.orders[0]?.nextCallbackAt ?? 0) > 0);
  provider.close();
  await before.close();

  const after = await startStandin({ keys, vendors, dataFile });
  const again = alipayProvider(standinAlipayConfiguration(vendors, after.url));
  t.after(async () => {
    again.close();
    await after.close();
  });
  assert.deepEqual(await controlRequest(after.url, "orders?platform=alipay"), seen);
  assert.equal((await again.login(code, world.call())).subject, openid);
  world.merchant.answer = undefined;
  await controlRequest(after.url, "clock/advance", { ms: 240_000 });
  assert.equal(world.merchant.received.length, 2);
});

test("an answer that is a success, but not in the vendor's words, brings the callback again", async (t) => {
  for (const subject of [alipay, douyin]) {
    const world = await startContractWorld(t, subject);
    const { prepayId } = await payOf(world).createOrder(await newOrder(world), world.call());
    world.merchant.answer = { status: 200, body: '{"code":"SUCCESS"}' };
    const paid = await world.control("pay", { prepayId });
    assert.equal(paid.callbackStatus, 422);
    assert.ok(paid.nextCallbackAt > world.clock.now());
  }
});

test("a tamper that the vendor does not know is no test", async (t) => {
  const world = await startContractWorld(t, alipay);
  const { prepayId } = await payOf(world).createOrder(await newOrder(world), world.call());
  await world.control("pay", { prepayId, tamper: { serial: "unknown" } }, 400);
  await world.control("pay", { prepayId, tamper: { signature: "bat" } }, 400);
});

test("Alipay's gateway says what is wrong with a request's form, unsigned", async (t) => {
  const world = await startContractWorld(t, alipay);
  const { alipay: keys } = world.keys.vendors;
  const appKey = createPrivateKey(keys.app.privateKey);
  const right = {
    app_id: keys.appId,
    method: "alipay.trade.query",
    charset: "utf-8",
    sign_type: "RSA2",
    timestamp: chinaTime(world.clock.now()),
    version: "1.0",
    biz_content: '{"out_trade_no":"nobody_s"}',
  };
  const ask = async (over: Record<string, string | undefined>) => {
    const form = new URLSearchParams();
    for (const [name, value] of Object.entries({ ...right, ...over })) if (value !== undefined) form.set(name, value);
    if (!("sign" in over)) form.set("sign", await signText(signedText(Object.fromEntries(form), ["sign"]), appKey));
    const answer = await fetch(`${world.standin.url}/gateway.do`, { method: "POST", body: form });
    const {
      error_response: error,
      alipay_trade_query_response: node,
      sign,
    } = (await answer.json()) as Record<string, { sub_code: string }>;
    return [(error ?? node)?.sub_code, sign !== undefined];
  };
  assert.deepEqual(await ask({}), ["ACQ.TRADE_NOT_EXIST", true]);
  assert.deepEqual(await ask({ sign: "Zm9yZ2Vk" }), ["isv.invalid-signature", true]);
  for (const [over, code] of [
    [{ app_id: undefined }, "isv.missing-app-id"],
    [{ sign: undefined }, "isv.missing-signature"],
    [{ method: "alipay.trade.nothing" }, "isv.invalid-method"],
    [{ app_id: "2021000000000001" }, "isv.invalid-app-id"],
    [{ sign_type: "RSA" }, "isv.invalid-signature-type"],
    [{ charset: "gbk" }, "isv.invalid-charset"],
    [{ timestamp: "now" }, "isv.invalid-timestamp"],
  ] as const) {
    assert.deepEqual(await ask(over), [code, false], code);
  }
});

test("Alipay's trades keep the vendor's rules", async (t) => {
  const world = await startContractWorld(t, alipay);
  const order = await newOrder(world);
  for (const [over, code] of [
    [{ outTradeNo: "with-hyphen" }, "ACQ.INVALID_PARAMETER"],
    [{ outTradeNo: "x".repeat(65) }, "ACQ.INVALID_PARAMETER"],
    [{ description: "x".repeat(257) }, "ACQ.INVALID_PARAMETER"],
    [{ notifyUrl: "http://shop.example/cb" }, "ACQ.INVALID_PARAMETER"],
    [{ payerOpenid: "nobody" }, "ACQ.INVALID_PARAMETER"],
    [{ expiresAt: world.clock.now() }, "ACQ.INVALID_PARAMETER"],
  ] as const) {
    const error = await payOf(world)
      .createOrder({ ...order, ...over }, world.call())
      .catch((thrown) => thrown);
    assert.equal(error.info?.metadata.platform_code, code);
  }
  await payOf(world).createOrder(order, world.call());
  const another = payOf(world).createOrder({ ...order, payerOpenid: await world.user() }, world.call());
  await assert.rejects(another, /ACQ\.TRADE_BUYER_NOT_MATCH/);
  await world.control(`users/${order.payerOpenid}/block`, { blocked: true });
  const blocked = payOf(world).createOrder(await newOrder(world, { payerOpenid: order.payerOpenid }), world.call());
  await assert.rejects(blocked, /ACQ\.BUYER_ENABLE_STATUS_FORBID/);
});

test("Douyin's ecpay keeps the vendor's rules, and takes nothing that is not signed over its values", async (t) => {
  const world = await startContractWorld(t, douyin);
  const { appId, salt } = world.keys.vendors.douyin;
  const right = {
    app_id: appId,
    out_order_no: "rules_1",
    total_amount: 1,
    subject: "tea",
    body: "tea",
    valid_time: 300,
    notify_url: "https://shop.example/cb",
  };
  const ask = async (over: Record<string, string | number>, sign?: string) => {
    const body = { ...right, ...over };
    const answer = await fetch(`${world.standin.url}/api/apps/ecpay/v1/create_order`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ ...body, sign: sign ?? requestSignature(body, salt) }),
    });
    return ((await answer.json()) as { err_no: number }).err_no;
  };
  assert.equal(await ask({}), 0);
  assert.equal(await ask({}, requestSignature(right, `${salt}x`)), 2008);
  assert.equal(await ask({}, ""), 2008);
  assert.equal(await ask({ app_id: "tt0" }), 2042);
  for (const over of [
    { out_order_no: "a b" },
    { total_amount: 0 },
    { total_amount: "1" },
    { subject: "x".repeat(43) },
    { body: "" },
    { notify_url: "http://shop.example/cb" },
    { total_amount: 2 },
  ]) {
    assert.equal(await ask(over as Record<string, string | number>), 2010, JSON.stringify(over));
  }
});

test("keys are made once and kept, for their owner alone; a spoilt file is never replaced", async (t) => {
  const path = await folder(t);
  const keys = await loadOrCreateVendorKeys(path);
  assert.deepEqual(await loadOrCreateVendorKeys(path), keys);
  const file = join(path, "standin-vendor-keys.json");
  assert.equal((await stat(file)).mode & 0o777, 0o600);
  await writeFile(file, "{}");
  await assert.rejects(loadOrCreateVendorKeys(path), /does not hold the keys/);
  assert.equal(await readFile(file, "utf8"), "{}");
});
