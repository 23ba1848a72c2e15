import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, test } from "node:test";
import { SubscriptionAnswer_Decision as Decision } from "@sampan/contracts/notification/v1/notification_pb.js";
import { RpcError } from "@sampan/core";
import { type Desk, openDesk, smsText } from "./desk.fixture.js";
import { maxAllowed } from "./domain/subscription.js";

let desk: Desk;
beforeEach(async () => {
  desk = await openDesk();
});
afterEach(() => desk.close());

const reason = async (work: Promise<unknown>): Promise<string> => {
  try {
    await work;
    return "ok";
  } catch (error) {
    assert.ok(error instanceof RpcError, String(error));
    return error.reason;
  }
};
const report = (userId: string, reportId: string, decision: Decision, templateId = "tpl-confirmed") =>
  desk.as(userId, (service) => service.reportSubscriptions({ reportId, answers: [{ templateId, decision }] }));
const remaining = async (userId: string) =>
  (await desk.as(userId, (service) => service.listSubscriptions({}))).subscriptions.find(
    ({ templateId }) => templateId === "tpl-confirmed",
  )?.remaining;

describe("subscriptions", () => {
  test("each consent allows one message, a report counts once, and a message uses one up", async () => {
    for (let i = 0; i < 3; i++) await report("u", "same", Decision.ACCEPT);
    assert.equal(await remaining("u"), 1);
    await report("u", "another", Decision.ACCEPT);
    await report("u", "no", Decision.REJECT);
    assert.equal(await remaining("u"), 2);
    await desk.tell("o1/confirmed");
    assert.equal(await remaining("u"), 1);
    await report("u", "ban", Decision.BAN);
    assert.equal(await remaining("u"), 0);
    await desk.tell("o2/confirmed");
    assert.deepEqual([(await desk.notice("o2/confirmed")).status, desk.sent.length], ["not-subscribed", 1]);
  });

  test("horizontal access: a report is of the caller, whatever it says, and nobody sees another's", async () => {
    await report("ann", "same", Decision.ACCEPT);
    await report("ben", "same", Decision.ACCEPT);
    assert.deepEqual([await remaining("ann"), await remaining("ben"), await remaining("cat")], [1, 1, 0]);
  });

  test("at once: as many messages as were allowed, and no more", async () => {
    for (const id of ["a", "b"]) await report("u", id, Decision.ACCEPT);
    await Promise.all(Array.from({ length: 5 }, (_, i) => desk.tell(`o${i}/confirmed`)));
    assert.equal(desk.sent.length, 2);
  });

  test("more than the limit are not counted", async () => {
    for (let i = 0; i < maxAllowed + 2; i++) await report("u", `r${i}`, Decision.ACCEPT);
    assert.equal(await remaining("u"), maxAllowed);
  });

  test("a template that nobody has, and a decision that no client knows, are refused, and nothing is counted", async () => {
    assert.equal(await reason(report("u", "r", Decision.ACCEPT, "tpl-other")), "UNKNOWN_TEMPLATE");
    assert.equal(await reason(report("u", "r", 9 as Decision)), "INVALID_REQUEST");
    await report("u", "r", Decision.ACCEPT);
    assert.equal(await remaining("u"), 1);
  });

  test("what was allowed for one template of the platform does not count for the next one", async () => {
    await report("u", "r", Decision.ACCEPT);
    await desk.setText({ templateId: "tpl-newer" });
    const { subscriptions } = await desk.as("u", (service) => service.listSubscriptions({}));
    assert.deepEqual(subscriptions[0], { ...subscriptions[0], templateId: "tpl-newer", remaining: 0 });
  });
});

describe("templates", () => {
  const set = (change: object, seenVersion = 0, event = "order_confirmed", provider = "wechat") =>
    desk.as("operator/mei", (service) =>
      service.setTemplate({
        ...{ provider, event, seenVersion },
        text: { templateId: "tpl-2", keywords: { thing1: "订单 {state}", amount2: "{amount}" }, ...change },
      }),
    );

  test("hold as the settings say until the owner sets them; versions are only added", async () => {
    const before = (await desk.as("op", (service) => service.listTemplates({}))).templates;
    assert.deepEqual(
      before.map(({ event, version }) => `${event} ${version}`),
      ["order_confirmed 0", "order_cancelled 0", "order_expired 0", "order_failed 0", "order_refunded 0"],
    );
    const { template } = await set({});
    assert.deepEqual([template?.version, template?.changedBy], [1, "operator/mei"]);
    await set({ page: "pages/order" }, 1);
    await desk.tell("o/confirmed");
    const data = { thing1: "订单 已付款", amount2: "¥12.34" };
    assert.deepEqual(desk.sent, [{ openid: "openid of u", templateId: "tpl-2", data, page: "pages/order" }]);
    assert.equal((await desk.attempts("o/confirmed"))[0]?.templateVersion, 2);
    await desk.tell("o/cancelled", { status: 4 });
    assert.equal(desk.sent.at(-1)?.templateId, "tpl-cancelled");
  });

  test("that somebody else has set meanwhile are not overwritten", async () => {
    await set({});
    assert.equal(await reason(set({}, 0)), "TEMPLATE_CHANGED");
    const outcomes = await Promise.all([reason(set({}, 1)), reason(set({}, 1))]);
    assert.deepEqual(outcomes.sort(), ["TEMPLATE_CHANGED", "ok"]);
  });

  test("of an unknown event or platform are refused", async () => {
    assert.equal(await reason(set({}, 0, "order_lost")), "UNKNOWN_EVENT");
    assert.equal(await reason(set({}, 0, "order_confirmed", "douyin")), "UNKNOWN_EVENT");
  });

  for (const [what, change, fields] of [
    ["a kind that there is not", { keywords: { thingy1: "x" } }, ["text.keywords.thingy1"]],
    ["a kind without a number", { keywords: { thing: "x" } }, ["text.keywords.thing"]],
    ["a prototype's name", { keywords: { constructor1: "x" } }, ["text.keywords.constructor1"]],
    ["a fact that there is not", { keywords: { thing1: "{openid}" } }, ["text.keywords.thing1"]],
    ["a value of the wrong kind", { keywords: { amount1: "{state}" } }, ["text.keywords.amount1"]],
    ["a value that is too long", { keywords: { thing1: "{order_id}" } }, ["text.keywords.thing1"]],
    [
      "several things at once",
      { keywords: { phrase1: "{time}" }, timeZone: "Mars" },
      ["text.keywords.phrase1", "text.timeZone"],
    ],
    ["a page with a line end", { page: "pages/a\nb" }, ["text.page"]],
    ["a sign name of somebody else", { sms: { ...smsText, signName: "银行" } }, ["text.sms.signName"]],
    [
      "a parameter that is too long",
      { sms: { ...smsText, parameters: { a: "{order_id}{order_id}" } } },
      ["text.sms.parameters.a"],
    ],
  ] as const) {
    test(`with ${what} are refused when they are set, and every field is named`, async () => {
      const error = await set(change).catch((thrown: RpcError) => thrown);
      assert.ok(error instanceof RpcError);
      assert.equal(error.reason, "INVALID_REQUEST");
      for (const field of fields) assert.ok(error.message.includes(field), error.message);
      assert.equal((await desk.registry.of("order_confirmed")).version, 0);
    });
  }
});

test("the delivery log shows every try to operators, without the recipient", async () => {
  await desk.tell("o/confirmed");
  const { attempts } = await desk.as("op", (service) =>
    service.listDeliveryAttempts({ notificationId: "o/confirmed" }),
  );
  assert.deepEqual(
    attempts.map(({ number, recipient, outcome }) => [number, recipient, outcome]),
    [[1, "o****u", 2]],
  );
  const unknown = desk.as("op", (service) => service.listDeliveryAttempts({ notificationId: "none" }));
  assert.equal(await reason(unknown), "UNKNOWN_NOTIFICATION");
});

test("a user sees their own notifications, and when a waiting one is due", async () => {
  await desk.accept("o1/confirmed");
  await desk.accept("o2/confirmed", { userId: "somebody else" });
  const { notifications } = await desk.as("u", (service) => service.listNotifications({}));
  assert.deepEqual(
    notifications.map(({ notificationId, status, dueAt }) => [notificationId, status, dueAt !== undefined]),
    [["o1/confirmed", 5, true]],
  );
});
