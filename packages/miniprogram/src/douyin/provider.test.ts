import assert from "node:assert/strict";
import { test } from "node:test";
import { inspect } from "node:util";
import { newOrder, payOf, rejectsWithOneOf, startContractWorld, template } from "../contract/contract-world.fixture.js";
import { douyin } from "../contract/subjects.fixture.js";
import { MiniProgramErrors } from "../errors.js";
import { standinDouyinConfiguration } from "../standin/index.js";
import { type DouyinProvider, douyinProvider } from "./provider.js";

async function openWorld(t: Parameters<typeof startContractWorld>[0]) {
  const world = await startContractWorld(t, douyin);
  const open = (over: object = {}): DouyinProvider => {
    const configuration = standinDouyinConfiguration(world.keys.vendors, world.standin.url);
    const provider = douyinProvider({ ...configuration, retryDelayMs: 0, ...over }, { clock: world.clock });
    t.after(() => provider.close());
    return provider;
  };
  return { world, open };
}

test("one who is not logged in to Douyin has another subject, and no session", async (t) => {
  const { world, open } = await openWorld(t);
  const { code, openid } = await world.code();
  const login = await open().loginAnonymously(code, world.call());
  assert.notEqual(login.subject, openid);
  assert.equal("sessionSecret" in login, false);
  await rejectsWithOneOf(open().loginAnonymously(code, world.call()), MiniProgramErrors.LOGIN_CODE_INVALID);
});

test("a token that the platform does not take any more is replaced, and the message goes out once", async (t) => {
  const { world, open } = await openWorld(t);
  const [one, two] = [open(), open()];
  const openid = await world.user();
  await world.control("subscriptions", { openid, templateId: template, count: 3 });
  const message = { openid, templateId: template, data: douyin.message };
  await one.messages?.send(message, world.call());
  // Another instance without a shared store leaves five minutes to the first one's token.
  await two.messages?.send(message, world.call());
  await world.clock.advance(300_000);
  await one.messages?.send(message, world.call());
  assert.equal((await world.control(`messages?openid=${openid}`)).messages.length, 3);
});

test("a wrong app, secret or salt is our fault", async (t) => {
  const { world, open } = await openWorld(t);
  const { salt, token } = world.keys.vendors.douyin;
  const { PLATFORM_REFUSED_CREDENTIALS } = MiniProgramErrors;
  for (const [wrong, platformCode] of [
    [{ appId: "tt0000000000000000" }, "40015"],
    [{ appSecret: "0".repeat(40) }, "40017"],
  ] as const) {
    const { code } = await world.code();
    const error = await open(wrong)
      .login(code, world.call())
      .catch((thrown) => thrown);
    assert.ok(PLATFORM_REFUSED_CREDENTIALS.is(error), inspect(error));
    assert.equal(error.info?.metadata.platform_code, platformCode);
  }
  const order = await newOrder(world);
  const salted = open({ pay: { salt: `${salt}x`, token } }).pay?.createOrder(order, world.call()) ?? assert.fail();
  await rejectsWithOneOf(salted, PLATFORM_REFUSED_CREDENTIALS);
  await payOf(world).createOrder(order, world.call());
});

test("another token verifies no callback", async (t) => {
  const { world, open } = await openWorld(t);
  const { salt, token } = world.keys.vendors.douyin;
  const { prepayId } = await payOf(world).createOrder(await newOrder(world), world.call());
  await world.control("pay", { prepayId });
  const other = open({ pay: { salt, token: `${token}x` } }).pay ?? assert.fail();
  const verified = other.verifyCallback(world.merchant.received[0] ?? assert.fail());
  await rejectsWithOneOf(verified, MiniProgramErrors.CALLBACK_BAD_SIGNATURE);
});

test("a description is cut to what the vendor takes, between characters", async (t) => {
  const { world } = await openWorld(t);
  for (const [description, shown] of [
    ["茶".repeat(60), "茶".repeat(42)],
    ["🍵".repeat(60), "🍵".repeat(32)],
    ["a".repeat(127), "a".repeat(42)],
  ] as const) {
    const order = await newOrder(world, { description });
    await payOf(world).createOrder(order, world.call());
    assert.equal((await world.control(`orders/${order.outTradeNo}`)).description, shown);
  }
});

test("an order can be paid for five minutes at least and two days at most", async (t) => {
  const { world } = await openWorld(t);
  const now = world.clock.now();
  for (const [expiresAt, until] of [
    [now + 1_000, now + 300_000],
    [now + 300_999, now + 300_000],
    [now + 400_000, now + 400_000],
    [now + 999_999_999, now + 172_800_000],
  ] as const) {
    const order = await newOrder(world, { expiresAt });
    await payOf(world).createOrder(order, world.call());
    assert.equal((await world.control(`orders/${order.outTradeNo}`)).expiresAt, until);
  }
});

test("what is wrong with a configuration is said all at once, and without its secrets", () => {
  const wrong = { appId: "", appSecret: "", apiUrl: "https://x.example/prefix", pay: { salt: "", token: "" } };
  assert.throws(
    () => douyinProvider(wrong),
    (error) => {
      assert.ok(MiniProgramErrors.CONFIGURATION_INVALID.is(error));
      for (const name of ["appId", "appSecret", "apiUrl", "pay.salt", "pay.token"])
        assert.ok(error.message.includes(name));
      return true;
    },
  );
});
