// limit: 180s
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { Shop, soon, type VendorName } from "./shop.fixture.js";

/** What differs between the vendors, as the outside sees it. */
interface Vendor {
  readonly name: VendorName;
  /** Names of what the client's payment call takes. */
  readonly takes: readonly string[];
  /** What the vendor reads as "received". */
  readonly answer: readonly [contentType: string, text: string];
  /** A phone number comes without the session secret. */
  readonly bindsPhones: boolean;
  /** An order that is not wanted any more can be closed there, so that nobody pays it. */
  readonly closes: boolean;
  /** Keywords of a template, in the vendor's own words. */
  readonly keywords: Readonly<Record<string, string>>;
}

const wechatTakes = ["appId", "timeStamp", "nonceStr", "package", "signType", "paySign"];
const vendors: readonly Vendor[] = [
  {
    name: "wechat",
    takes: wechatTakes,
    answer: ["application/json", '{"code":"SUCCESS","message":""}'],
    keywords: { character_string1: "{order_id}", amount2: "{amount}" },
    closes: true,
    bindsPhones: true,
  },
  {
    name: "alipay",
    takes: ["tradeNO"],
    answer: ["text/plain; charset=utf-8", "success"],
    keywords: { keyword1: "{order_id}", keyword2: "{amount}" },
    closes: true,
    bindsPhones: true,
  },
  {
    name: "douyin",
    takes: ["order_id", "order_token"],
    answer: ["application/json", '{"err_no":0,"err_tips":"success"}'],
    keywords: { 订单编号: "{order_id}", 退款金额: "{amount}" },
    closes: false,
    bindsPhones: false,
  },
];

/** One after the other on one folder: its books and users stay, the platform changes. */
const data = mkdtempSync(join(tmpdir(), "sampan-vendors-"));
after(() => rmSync(data, { recursive: true, force: true }));
const users = new Map<VendorName, string>();

for (const { name, takes, answer, keywords, closes, bindsPhones } of vendors) {
  describe(`the platform on ${name}`, () => {
    let shop: Shop;
    before(async () => {
      shop = await Shop.open(name, data);
    });
    after(() => shop.close());

    const confirmed = (orderId: string) =>
      soon("the confirmation", async () =>
        (await shop.statusOf(orderId)) === "ORDER_STATUS_CONFIRMED" ? true : undefined,
      );
    const told = (orderId: string, event: string) =>
      soon("a notice that has ended", async () => {
        const { notifications } = await shop.asUser(200, "GET", "/v1/notifications?pageSize=200");
        return notifications.find(
          (each: Record<string, string>) =>
            each.orderId === orderId && each.template === event && !/WAITING|SENDING/.test(each.status ?? ""),
        ) as Record<string, string> | undefined;
      });
    /** A callback of this order that was taken, as far as the vendor can tell. */
    const understood = async (orderId: string, refunds: number) => {
      const order = await shop.onPhone(200, `orders/${orderId}`);
      const all = [order, ...order.refunds];
      if (all.length < refunds + 1 || all.some(({ callbacks }) => callbacks.length === 0)) return undefined;
      return all.map(({ callbacks }) => callbacks.map(({ status }: { status: number }) => status));
    };

    test("files its user under its own name, though the same id is known elsewhere", async () => {
      const { provider, openid, userId } = await shop.user();
      assert.deepEqual([provider, openid, userId], [name, shop.openid, shop.userId]);
      assert.ok(![...users.values()].includes(userId), "another vendor's user");
      users.set(name, userId);
    });

    test("binds the phone number that it vouches for, if it gives any to who has no session secret", async () => {
      const bind = (status: number, code: string) => shop.asUser(status, "POST", "/v1/auth/phone", { code });
      const reasonOf = async (answer: ReturnType<typeof bind>): Promise<string | undefined> =>
        (await answer).details.find((detail: { reason?: string }) => detail.reason !== undefined)?.reason;
      // Alipay gives a signed and encrypted text, longer than any code.
      const longest = "c".repeat(8192);
      assert.equal(await reasonOf(bind(400, `${longest}c`)), "INVALID_REQUEST");
      if (!bindsPhones) {
        assert.equal(await reasonOf(bind(501, longest)), "PHONE_NOT_OFFERED");
        return;
      }
      assert.notEqual(await reasonOf(bind(400, longest)), "INVALID_REQUEST");
      const { code } = await shop.onPhone(201, "phone-codes", { openid: shop.openid, phoneNumber: "13812341234" });
      assert.deepEqual(await bind(200, code), { phone: "138****1234" });
    });

    test("takes a payment, answers the callback as the vendor wants, and gives the money back", async () => {
      await shop.onPhone(200, "subscriptions", { openid: shop.openid, templateId: "tpl-order-confirmed" });
      const { orderId, payParameters } = await shop.order("good");
      const { clientParameters, ...former } = payParameters;
      assert.deepEqual(Object.keys(clientParameters).sort(), [...takes].sort());
      const empty = Object.fromEntries(wechatTakes.map((field) => [field, ""]));
      assert.deepEqual(former, name === "wechat" ? clientParameters : empty);
      assert.deepEqual((await shop.order("good")).payParameters.clientParameters.package, clientParameters.package);

      const [ledger] = await shop.ledger();
      const paid = await shop.pay(clientParameters);
      const taken = shop.relay.exchanges.at(-1);
      assert.deepEqual([taken?.status, taken?.contentType, taken?.text], [200, ...answer]);
      // Neither refused, nor answered in words that it does not understand.
      assert.deepEqual([paid.callbackStatus, paid.nextCallbackAt, paid.callbacks.length], [200, 0, 1]);
      await confirmed(orderId);
      const { status, channel } = await told(orderId, "order_confirmed");
      assert.deepEqual([status, channel], ["DELIVERY_STATUS_SENT", "CHANNEL_PLATFORM"]);

      const repeated = await shop.again(orderId);
      assert.deepEqual([repeated.status, repeated.text], [200, answer[1]]);
      const { transactionId, charged, refunded } = await shop.payment(orderId);
      assert.deepEqual([transactionId, charged.amount, refunded.amount], [paid.transactionId, "200", "0"]);

      const template = await shop.asOperator(200, "GET", "/v1/admin/notification-templates");
      const { text, version } = template.templates.find(({ event }: { event: string }) => event === "order_refunded");
      const templateId = `tpl-${name}-refunded`;
      await shop.onPhone(200, "templates", { templateId, keywords: Object.keys(keywords) });
      await shop.onPhone(200, "subscriptions", { openid: shop.openid, templateId });
      await shop.asOperator(200, "PUT", `/v1/admin/notification-templates/${name}/order_refunded`, {
        seenVersion: version,
        text: { ...text, templateId, keywords },
      });
      const { refund } = await shop.asUser(201, "POST", `/v1/orders/${orderId}:refund`, { idempotencyKey: "back" });
      assert.deepEqual([refund.status, refund.amount.amount], ["REFUND_STATUS_DONE", "200"]);
      assert.equal(await shop.statusOf(orderId), "ORDER_STATUS_REFUNDED");
      assert.equal((await shop.payment(orderId)).refunded.amount, "200");
      assert.equal((await told(orderId, "order_refunded")).status, "DELIVERY_STATUS_SENT");
      const deliveries = await soon("the end of the callbacks", () => understood(orderId, 1));
      assert.deepEqual(deliveries, [[200], [200]]);
      const [now] = await shop.ledger();
      assert.deepEqual([now.payments, now.refunds, now.charged, now.refunded].map(BigInt), [
        BigInt(ledger?.payments ?? 0) + 1n,
        BigInt(ledger?.refunds ?? 0) + 1n,
        BigInt(ledger?.charged ?? 0) + 200n,
        BigInt(ledger?.refunded ?? 0) + 200n,
      ]);
    });

    test("refuses what is forged, altered or of another amount, and books nothing of it", async () => {
      const { orderId, payParameters } = await shop.order("forged");
      const before = [await shop.payment(orderId), await shop.ledger()];
      const forged = await shop.pay(payParameters.clientParameters, { signature: "bad" });
      assert.equal(forged.callbackStatus, 401);
      assert.ok(forged.nextCallbackAt > 0, "refused, and yet the vendor thinks that it was received");
      const refusals = [
        shop.relay.exchanges.at(-1) ?? assert.fail(),
        await shop.again(orderId, { signature: "none" }),
        await shop.again(orderId, { body: "altered" }),
        await shop.again(orderId, { amount: 1 }),
        await shop.again(orderId, { merchant: "other" }),
        await shop.relay.post({ "content-type": "application/json" }, Buffer.from("{}")),
        await shop.relay.post({ "content-type": "application/x-www-form-urlencoded" }, Buffer.from("sign=a&a=b")),
        await shop.relay.post({}, Buffer.alloc(0)),
      ];
      for (const { status, contentType, text } of refusals) {
        assert.ok(status >= 400 && status < 500, `${status} ${text}`);
        assert.equal(contentType, "application/json");
        const { code, status: canonical, details } = JSON.parse(text);
        assert.ok(code > 0 && canonical !== "" && details.length > 0, text);
        assert.notEqual(text, answer[1]);
      }
      assert.equal(await shop.statusOf(orderId), "ORDER_STATUS_AWAITING_PAYMENT");
      assert.deepEqual([await shop.payment(orderId), await shop.ledger()], before);

      // The refusals spoil nothing: the good one counts.
      const good = await shop.again(orderId);
      assert.deepEqual([good.status, good.text], [200, answer[1]]);
      await confirmed(orderId);
    });

    test("keeps no money of an order that was cancelled", async () => {
      const { orderId, payParameters } = await shop.order("cancelled");
      await shop.asUser(200, "POST", `/v1/orders/${orderId}:cancel`, {});
      if (closes) {
        await assert.rejects(shop.pay(payParameters.clientParameters), /ORDER_CLOSED/);
        assert.equal((await shop.payment(orderId)).charged.amount, "0");
      } else {
        assert.equal((await shop.pay(payParameters.clientParameters)).callbackStatus, 200);
        const all = await soon("the refund", async () => {
          const { charged, refunded } = await shop.payment(orderId);
          return refunded.amount === "0" ? undefined : [charged.amount, refunded.amount];
        });
        assert.deepEqual(all, ["200", "200"]);
      }
      assert.equal(await shop.statusOf(orderId), "ORDER_STATUS_CANCELLED");
    });
  });
}
