import assert from "node:assert/strict";
import { test } from "node:test";
import { newOrder, rejectsWithOneOf, startContractWorld } from "../contract/contract-world.fixture.js";
import { alipay } from "../contract/subjects.fixture.js";
import { MiniProgramErrors } from "../errors.js";
import { standinAlipayConfiguration } from "../standin/index.js";
import { alipayProvider } from "./provider.js";

test("a login gives tokens, and a refresh token gives the next ones, once", async (t) => {
  const world = await startContractWorld(t, alipay);
  const configuration = standinAlipayConfiguration(world.keys.vendors, world.standin.url);
  const provider = alipayProvider(configuration, { clock: world.clock });
  t.after(() => provider.close());
  const { code, openid } = await world.code();
  const { tokens } = await provider.login(code, world.call());
  assert.equal(tokens?.expiresAt, world.clock.now() + 1_296_000_000);
  const refreshToken = tokens?.refreshToken ?? assert.fail();
  const next = await provider.refreshLogin(refreshToken, world.call());
  assert.equal(next.subject, openid);
  assert.notEqual(next.tokens?.accessToken, tokens?.accessToken);
  for (const used of [refreshToken, "", "unknown", "x".repeat(300), code]) {
    await rejectsWithOneOf(provider.refreshLogin(used, world.call()), MiniProgramErrors.SESSION_INVALID);
  }
});

test("an older app goes by the account's own id, in logins, messages and payments", async (t) => {
  const world = await startContractWorld(t, alipay);
  const configuration = { ...standinAlipayConfiguration(world.keys.vendors, world.standin.url), subject: "user_id" };
  const provider = alipayProvider({ ...configuration, subject: "user_id" }, { clock: world.clock });
  t.after(() => provider.close());
  const { code, openid } = await world.code();
  const { subject } = await provider.login(code, world.call());
  assert.match(subject, /^2088\d{12}$/);
  await world.control("subscriptions", { openid, templateId: "tpl-contract" });
  const message = { openid: subject, templateId: "tpl-contract", data: alipay.message };
  await provider.messages?.send(message, world.call());
  assert.equal((await world.control(`messages?openid=${openid}`)).messages.length, 1);
  const order = await newOrder(world, { payerOpenid: subject });
  const created = await provider.pay?.createOrder(order, world.call());
  await world.control("pay", { prepayId: created?.prepayId });
  assert.equal((await provider.pay?.query(order.outTradeNo, world.call()))?.payerOpenid, subject);
  const callback = world.merchant.received.at(-1) ?? assert.fail();
  const notification = await provider.pay?.verifyCallback(callback);
  assert.equal(notification?.kind === "payment" && notification.payerOpenid, subject);
});
