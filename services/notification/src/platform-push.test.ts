import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { afterEach, beforeEach, test } from "node:test";
import type { RpcError } from "@sampan/core";
import { type MessagePush, wechatPush } from "@sampan/miniprogram";
import { createFakeClock, type FakeClock } from "@sampan/testkit";
import { type Desk, openDesk } from "./desk.fixture.js";

const token = "pushtoken";
let clock: FakeClock;
let desk: Desk;
let nonces = 0;
const open = async (push?: MessagePush) => {
  desk = await openDesk(push, clock);
};
beforeEach(async () => {
  clock = createFakeClock();
  await open(wechatPush({ appId: "wx1", token }, { clock }));
});
afterEach(() => desk.close());

const signed = (nonce = `n${nonces++}`) => {
  const timestamp = String(Math.floor(clock.now() / 1000));
  const signature = createHash("sha1").update([token, timestamp, nonce].sort().join("")).digest("hex");
  return { signature, timestamp, nonce };
};
const event = (name: string, list: unknown, from = "o-u") => ({
  ...{ ToUserName: "gh_1", FromUserName: from, CreateTime: Math.floor(clock.now() / 1000), MsgType: "event" },
  ...{ Event: name, List: list },
});
const push = async (content: object, query = signed()) => {
  const body = { data: new TextEncoder().encode(JSON.stringify(content)), contentType: "application/json" };
  try {
    const answer = await desk.as("", (service) => service.receivePush({ ...query, body }));
    return new TextDecoder().decode(answer.body?.data);
  } catch (error) {
    return (error as RpcError).reason;
  }
};
const item = (status: string, templateId = "tpl-confirmed") => ({
  ...{ TemplateId: templateId, SubscribeStatusString: status, PopupScene: "0" },
});
const left = async (userId = "u") => (await desk.store.allowed(userId, ["tpl-confirmed"])).get("tpl-confirmed");

test("the platform's check of the address is answered with its own text, when it is signed", async () => {
  const { body } = await desk.as("", (service) => service.verifyPush({ ...signed(), echostr: "12345" }));
  assert.deepEqual([body?.contentType, new TextDecoder().decode(body?.data)], ["text/plain", "12345"]);
  const forged = desk.as("", (service) => service.verifyPush({ ...signed(), signature: "0".repeat(40), echostr: "1" }));
  await assert.rejects(forged, (error: RpcError) => error.reason === "PUSH_BAD_SIGNATURE");
});

test("a user's yes in the pop-up allows a message, once, although the platform tells it twice", async () => {
  const yes = event("subscribe_msg_popup_event", [item("accept"), item("accept", "tpl-of-another-shop")]);
  assert.deepEqual([await push(yes), await push(yes)], ["success", "success"]);
  assert.equal(await left(), 1);
  await clock.advance(1000);
  await push(event("subscribe_msg_popup_event", [item("accept"), item("reject", "tpl-expired")]));
  assert.equal(await left(), 2);
});

test("a template that is switched off in the platform's settings allows nothing any more", async () => {
  await push(event("subscribe_msg_popup_event", [item("accept")]));
  await push(event("subscribe_msg_change_event", [item("reject")]));
  assert.equal(await left(), 0);
});

test("where the platform tells, a client's own report of the same consent is not counted again", async () => {
  await push(event("subscribe_msg_popup_event", [item("accept")]));
  const answers = [{ templateId: "tpl-confirmed", decision: 1 }];
  const { subscriptions } = await desk.as("u", (service) => service.reportSubscriptions({ reportId: "r", answers }));
  assert.equal(subscriptions[0]?.remaining, 1);
});

test("forged and replayed pushes change nothing", async () => {
  const yes = event("subscribe_msg_popup_event", [item("accept")]);
  assert.equal(await push(yes, { ...signed(), signature: "0".repeat(40) }), "PUSH_BAD_SIGNATURE");
  assert.equal(await left(), undefined);
  const query = signed();
  await push(yes, query);
  assert.equal(
    await push(event("subscribe_msg_popup_event", [item("accept")], "o-thief"), query),
    "PUSH_BAD_SIGNATURE",
  );
  assert.deepEqual([await left(), await left("thief")], [1, undefined]);
  await clock.advance(600_000);
  assert.equal(await push(yes, query), "PUSH_STALE");
});

test("what is of somebody who never logged in, and what is about something else, is acknowledged", async () => {
  assert.equal(await push(event("subscribe_msg_popup_event", [item("accept")], "stranger")), "success");
  assert.equal(await push(event("subscribe_msg_sent_event", [{ TemplateId: "tpl-confirmed" }])), "success");
  assert.equal(await push(event("user_enter_tempsession", "nothing")), "success");
  for (const list of [undefined, "x", [null, 1, {}, { TemplateId: 5 }, item("filter")]])
    assert.equal(await push({ ...event("subscribe_msg_popup_event", list), CreateTime: nonces + 1e9 }), "success");
  assert.equal(await left(), undefined);
});

test("without a push address nothing is taken", async () => {
  await desk.close();
  await open();
  assert.equal(await push(event("subscribe_msg_popup_event", [item("accept")])), "PUSH_NOT_TAKEN");
});
