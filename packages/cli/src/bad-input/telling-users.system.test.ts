// limit: 120s
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { Door, onPhone } from "./door.fixture.js";
import { goodOrder } from "./order-cases.fixture.js";

const token = "pushtoken";
const encodingAesKey = "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopq";
const templateId = "tpl-order-confirmed";
let door: Door;
before(async () => {
  door = await Door.open({
    env: { SAMPAN_PLATFORM_PUSH_TOKEN: token, SAMPAN_PLATFORM_PUSH_AES_KEY: encodingAesKey },
    set: { notification: { sms: "standin" } },
  });
});
after(() => door.close());

const onTheirPhone = (path: string, body: object) => onPhone(door.platform.standinUrl, path, body);
const remaining = async () => {
  const { subscriptions } = (await door.get("/v1/notifications/subscriptions", door.user.token)).body;
  return subscriptions.find((each: { templateId: string }) => each.templateId === templateId).remaining;
};
/** Gives the value when it is there. */
async function soon<T>(what: string, look: () => Promise<T | undefined>): Promise<T> {
  for (let tries = 0; tries < 200; tries++) {
    const value = await look();
    if (value !== undefined) return value;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  throw new Error(`${what} did not happen`);
}
const order = async (idempotencyKey: string) => {
  const { orderId } = await door.must(201, door.post("/v1/orders", goodOrder({ idempotencyKey }), door.user.token));
  return soon("a notice that has ended", async () => {
    const { notifications } = (await door.get("/v1/notifications?pageSize=200", door.user.token)).body;
    return notifications.find(
      (each: { orderId: string; status: string }) => each.orderId === orderId && !/WAITING|SENDING/.test(each.status),
    );
  });
};

describe("a user who is to be told of orders", () => {
  test("is told by the platform for each consent that the platform has told us of", async () => {
    const url = `${door.platform.url}/v1/platform/push`;
    // The stand-in checks the address first, as the platform's console does.
    await onTheirPhone("/_control/push-address", { url, token, encodingAesKey });
    assert.equal(await remaining(), 0);
    await onTheirPhone("/_control/subscriptions", { openid: "o-user", templateId });
    await soon("the consent", async () => ((await remaining()) === 1 ? true : undefined));
    const { status, channel } = await order("told");
    assert.deepEqual([status, channel, await remaining()], ["DELIVERY_STATUS_SENT", "CHANNEL_PLATFORM", 0]);
  });

  test("is told nothing without a consent, and the platform is not asked", async () => {
    const { status, refusal } = await order("not-told");
    assert.deepEqual([status, refusal], ["DELIVERY_STATUS_NOT_SUBSCRIBED", "NOT_SUBSCRIBED"]);
  });

  test("gets a short message when the owner has given the template one, and a number is bound", async () => {
    const { templates } = (await door.get("/v1/admin/notification-templates", door.operator)).body;
    const { text, version } = templates.find((each: { event: string }) => each.event === "order_confirmed");
    const sms = {
      signName: "舢板",
      templateId: "sms-order-confirmed",
      parameters: { order: "{order_id}", amount: "{amount}" },
    };
    const path = "/v1/admin/notification-templates/wechat/order_confirmed";
    const body = { seenVersion: version, text: { ...text, sms } };
    const put = (token: string) =>
      door.send({ method: "PUT", path, headers: [["Authorization", `Bearer ${token}`]], body });
    assert.equal((await put(door.user.token)).status, 403);
    assert.equal((await door.must(200, put(door.operator))).version, 1);
    assert.equal((await put(door.operator)).status, 409);
    const { code } = await onTheirPhone("/_control/phone-codes", { openid: "o-user", phoneNumber: "13812341234" });
    await door.must(200, door.post("/v1/auth/phone", { code }, door.user.token));

    const { status, channel, notificationId } = await order("by-sms");
    assert.deepEqual([status, channel], ["DELIVERY_STATUS_SENT", "CHANNEL_SMS"]);
    const log = await door.get(
      `/v1/admin/notification-attempts?notificationId=${encodeURIComponent(notificationId)}`,
      door.operator,
    );
    assert.deepEqual(
      log.body.attempts.map((each: Record<string, unknown>) => [
        each.channel,
        each.outcome,
        each.recipient,
        each.templateVersion,
      ]),
      [["CHANNEL_SMS", "DELIVERY_STATUS_SENT", "138****1234", 1]],
    );
  });

  test("is not told anything by who imitates the platform", async () => {
    const query = "signature=00&timestamp=1&nonce=1&msg_signature=00";
    const forged = await door.send({ path: `/v1/platform/push?${query}`, body: '{"Encrypt":"AAAA"}' });
    assert.ok(forged.status === 401 || forged.status === 400, String(forged.status));
    assert.equal(await remaining(), 0);
  });
});
