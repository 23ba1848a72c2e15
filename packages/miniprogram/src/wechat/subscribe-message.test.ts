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
  const wrong: Record<string, string>[] = [
    {},
    { thing1: "茶" },
    { ...data, extra3: "x" },
    { ...data, thing1: "" },
    { ...data, thing1: "茶".repeat(21) },
    { ...data, amount2: "free" },
  ];
  for (const bad of wrong) {
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
