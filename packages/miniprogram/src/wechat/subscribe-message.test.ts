import assert from "node:assert/strict";
import { test } from "node:test";
import { Code } from "@sampan/core";
import { MiniProgramErrors } from "../errors.js";
import { rejectsWith, startWorld, template, type World } from "../standin/world.fixture.js";

const data = { thing1: "龙井茶", amount2: "12.00元" };

async function granted(world: World, count = 1): Promise<string> {
  const openid = await world.user();
  await world.control("subscriptions", { openid, templateId: template, count });
  return openid;
}

test("a granted message arrives, and uses the grant up", async (t) => {
  const world = await startWorld(t);
  const openid = await granted(world);
  const message = { openid, templateId: template, data, page: "pages/order" };
  await world.messages.send(message, world.call());
  const { messages } = await world.control(`messages?openid=${openid}`);
  assert.equal(messages.length, 1);
  assert.deepEqual(messages[0]?.data, data);
  assert.equal(messages[0]?.page, "pages/order");
  const error = await world.messages.send(message, world.call()).catch((thrown) => thrown);
  assert.ok(MiniProgramErrors.MESSAGE_REFUSED.is(error));
  assert.equal(error.code, Code.FailedPrecondition);
  assert.equal(error.info?.metadata.platform_code, "43101");
});

test("grants add up, and are one template's", async (t) => {
  const world = await startWorld(t);
  const openid = await granted(world, 2);
  await world.control("templates", { templateId: "other", keywords: ["thing1"] });
  await world.messages.send({ openid, templateId: template, data }, world.call());
  const other = { openid, templateId: "other", data: { thing1: "茶" } };
  await rejectsWith(world.messages.send(other, world.call()), MiniProgramErrors.MESSAGE_REFUSED);
  await world.messages.send({ openid, templateId: template, data }, world.call());
});

test("unknown users and templates are told apart", async (t) => {
  const world = await startWorld(t);
  const openid = await granted(world);
  const send = (over: object): Promise<void> =>
    world.messages.send({ openid, templateId: template, data, ...over }, world.call());
  await rejectsWith(send({ openid: "oNobody" }), MiniProgramErrors.RECIPIENT_UNKNOWN, "40003");
  await rejectsWith(send({ templateId: "none" }), MiniProgramErrors.TEMPLATE_UNKNOWN, "40037");
});

test("data that does not fit the template is refused, and costs no grant", async (t) => {
  const world = await startWorld(t);
  const openid = await granted(world);
  const unfit: [Record<string, string>, RegExp][] = [
    [{}, /data is empty/],
    [{ ...data, "Thing 1": "x" }, /Thing 1/],
    [{ ...data, thing1: "" }, /thing1 must be 1 to 20/],
    [{ ...data, thing1: "茶".repeat(21) }, /thing1 must be 1 to 20/],
    [{ ...data, amount2: "free" }, /amount2 must be/],
  ];
  for (const [bad, why] of unfit) {
    const send = world.messages.send({ openid, templateId: template, data: bad }, world.call());
    await assert.rejects(send, (error) => {
      assert.ok(MiniProgramErrors.MESSAGE_INVALID.is(error));
      assert.equal(error.info?.metadata.platform_code, "none");
      return why.test(error.message);
    });
  }
  for (const bad of [{ thing1: "茶" }, { ...data, thing3: "x" }]) {
    const send = world.messages.send({ openid, templateId: template, data: bad }, world.call());
    await rejectsWith(send, MiniProgramErrors.MESSAGE_INVALID, "47003");
  }
  await world.messages.send({ openid, templateId: template, data }, world.call());
});

test("a token that the platform took back is renewed, and the message sent once", async (t) => {
  const world = await startWorld(t);
  const openid = await granted(world, 3);
  await world.messages.send({ openid, templateId: template, data }, world.call());
  await world.control("access-tokens/revoke", {});
  await world.messages.send({ openid, templateId: template, data }, world.call());
  assert.equal((await world.control(`messages?openid=${openid}`)).messages.length, 2);
});

test("a token is used over its whole life and its successor after it", async (t) => {
  const world = await startWorld(t);
  const openid = await granted(world, 10);
  for (let i = 0; i < 5; i++) {
    await world.messages.send({ openid, templateId: template, data }, world.call());
    await world.clock.advance(3_590_000);
  }
  assert.equal((await world.control(`messages?openid=${openid}`)).messages.length, 5);
});

test("a message whose answer was lost is not sent again", async (t) => {
  const world = await startWorld(t);
  const openid = await granted(world, 2);
  await world.messages.send({ openid, templateId: template, data }, world.call());
  await world.control("faults", { kind: "drop-after", path: "/cgi-bin/message" });
  const send = world.messages.send({ openid, templateId: template, data }, world.call());
  await rejectsWith(send, MiniProgramErrors.PLATFORM_NO_ANSWER);
  assert.equal((await world.control(`messages?openid=${openid}`)).messages.length, 2);
});

test("with the template's keywords in the settings a wrong set is not even sent", async (t) => {
  const world = await startWorld(t, { configuration: { templates: { [template]: ["thing1", "amount2"] } } });
  const openid = await granted(world);
  for (const bad of [{ thing1: "茶" }, { ...data, thing3: "x" }]) {
    const send = world.messages.send({ openid, templateId: template, data: bad }, world.call());
    await rejectsWith(send, MiniProgramErrors.MESSAGE_INVALID, "none");
  }
  await world.messages.send({ openid, templateId: template, data }, world.call());
});

test("page, language and version reach the platform; what it would refuse does not", async (t) => {
  const world = await startWorld(t, { configuration: { miniProgramState: "trial" } });
  const openid = await granted(world, 5);
  const send = (over: object): Promise<void> =>
    world.messages.send({ openid, templateId: template, data, ...over }, world.call());
  await send({ page: "pages/order/detail?id=1&from=msg", language: "en_US" });
  await send({});
  await send({ page: "x".repeat(1024) });
  const { messages } = await world.control(`messages?openid=${openid}`);
  const told = messages as readonly Record<string, unknown>[];
  assert.deepEqual(
    told.map(({ page, language, miniProgramState }) => [String(page).slice(0, 40), language, miniProgramState]),
    [
      ["pages/order/detail?id=1&from=msg", "en_US", "trial"],
      ["", "zh_CN", "trial"],
      ["x".repeat(40), "zh_CN", "trial"],
    ],
  );
  const wrong = ["", "/pages/order", "https://example.com/", "../order", "pages//order", "a b", "x".repeat(1025)];
  for (const page of wrong) await rejectsWith(send({ page }), MiniProgramErrors.MESSAGE_INVALID, "none");
  await rejectsWith(send({ language: "de_DE" }), MiniProgramErrors.MESSAGE_INVALID, "none");
});

test("the day's quota of messages passes, and costs no grant", async (t) => {
  const world = await startWorld(t, { rules: { messagesPerDay: 1 } });
  const openid = await granted(world, 2);
  const send = (): Promise<void> => world.messages.send({ openid, templateId: template, data }, world.call());
  await send();
  await rejectsWith(send(), MiniProgramErrors.RATE_LIMITED, "45009");
  await world.clock.advance(86_400_000);
  await send();
});

test("a message that found the platform busy is not sent again: it may have been sent", async (t) => {
  const world = await startWorld(t);
  const openid = await granted(world, 2);
  await world.control("faults", { kind: "busy", path: "/cgi-bin/message" });
  const send = world.messages.send({ openid, templateId: template, data }, world.call());
  await rejectsWith(send, MiniProgramErrors.PLATFORM_BUSY, "-1");
});
