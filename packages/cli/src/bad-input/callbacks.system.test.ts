import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { silentLogger, systemClock } from "@sampan/core";
import { wechatProvider } from "@sampan/miniprogram";
import { loadOrCreateStandinKeys, standinConfiguration } from "@sampan/miniprogram/standin";
import type { RecordedCallback } from "./callback-recorder.fixture.js";
import { Door, onPhone, type RawRequest, type Refusal } from "./door.fixture.js";
import { goodOrder } from "./order-cases.fixture.js";

let door: Door;
before(async () => {
  door = await Door.open();
});
after(() => door.close());

const callback = ({ headers, body }: RecordedCallback): RawRequest => ({ path: "/v1/pay/callback", headers, body });
const refusal = (status: number, code: string, reason: string): Refusal => ({ status, code, reason });
const unauthenticated = (reason: string): Refusal => refusal(401, "UNAUTHENTICATED", reason);
const invalid = (reason: string): Refusal => refusal(400, "INVALID_ARGUMENT", reason);

/** An order that waits for its payment. */
async function awaiting(): Promise<{ readonly orderId: string; readonly prepayId: string }> {
  const body = goodOrder({ paymentMethod: "PAYMENT_METHOD_PAY_ORDER" });
  const { orderId, payParameters } = await door.must(201, door.post("/v1/orders", body, door.user.token));
  return { orderId, prepayId: payParameters.package.replace("prepay_id=", "") };
}

/** The user pays; gives the callback that the platform sends, spoiled as `tamper` says. */
async function paid(prepayId: string, tamper: object = {}): Promise<RecordedCallback> {
  await onPhone(door.platform.standinUrl, "/_control/pay", { prepayId, tamper });
  return door.recorder.take().at(-1) as RecordedCallback;
}

/** Another delivery of a paid order's callback. */
async function again(orderId: string, tamper: object = {}): Promise<RecordedCallback> {
  await onPhone(door.platform.standinUrl, `/_control/orders/${orderId}/callback`, { tamper });
  return door.recorder.take().at(-1) as RecordedCallback;
}

/** Twenty of them, each signed anew. */
async function deliveries(orderId: string): Promise<RecordedCallback[]> {
  const all: RecordedCallback[] = [];
  while (all.length < 20) all.push(await again(orderId));
  return all;
}

async function statusOf(orderId: string): Promise<string> {
  return (await door.must(200, door.get(`/v1/orders/${orderId}`, door.user.token))).status;
}

/** The callback is answered before the order hears of it. */
async function confirmed(orderId: string): Promise<void> {
  const end = performance.now() + 10_000;
  while ((await statusOf(orderId)) !== "ORDER_STATUS_CONFIRMED") {
    assert.ok(performance.now() < end, "the order was not confirmed in 10 s");
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** What the platform, or somebody who would like to be it, could send; made by the stand-in, which has the platform's keys. */
const tampered: readonly (readonly [what: string, tamper: object, Refusal])[] = [
  ["of another amount, signed well", { amount: 1 }, refusal(400, "FAILED_PRECONDITION", "AMOUNT_MISMATCH")],
  ["of more than the order costs", { amount: 201 }, refusal(400, "FAILED_PRECONDITION", "AMOUNT_MISMATCH")],
  ["with a wrong signature", { signature: "bad" }, unauthenticated("CALLBACK_BAD_SIGNATURE")],
  ["that probes the signature check", { signature: "probe" }, unauthenticated("CALLBACK_BAD_SIGNATURE")],
  ["without a signature", { signature: "none" }, invalid("CALLBACK_INCOMPLETE")],
  ["of an unknown serial", { serial: "unknown" }, unauthenticated("CALLBACK_UNKNOWN_SERIAL")],
  ["of five minutes ago", { ageSeconds: 300 }, unauthenticated("CALLBACK_STALE")],
  ["of five minutes ahead", { ageSeconds: -301 }, unauthenticated("CALLBACK_STALE")],
  ["altered after it was signed", { body: "altered" }, unauthenticated("CALLBACK_BAD_SIGNATURE")],
  ["sealed with another key", { resource: "undecryptable" }, invalid("CALLBACK_UNREADABLE")],
  ["about another merchant", { merchant: "other" }, refusal(403, "PERMISSION_DENIED", "CALLBACK_WRONG_MERCHANT")],
];

describe("a callback is refused, and nothing is booked, when it is one", () => {
  for (const [what, tamper, expected] of tampered) {
    test(what, async () => {
      const { orderId, prepayId } = await awaiting();
      await door.refuses(callback(await paid(prepayId, tamper)), expected);
      assert.equal(await statusOf(orderId), "ORDER_STATUS_AWAITING_PAYMENT");
      // The refusal spoils nothing: the good one counts.
      await door.must(200, door.send(callback(await again(orderId))));
      await confirmed(orderId);
    });
  }

  test("whose bytes, headers or names were changed on the way", async () => {
    const { orderId, prepayId } = await awaiting();
    const good = await paid(prepayId);
    const changed = Buffer.from(good.body);
    changed[good.body.length - 2] = (changed[good.body.length - 2] as number) ^ 1;
    const without = (name: string) => good.headers.filter(([header]) => header !== name);
    const replaced = (name: string, value: string) => [...without(name), [name, value] as const];
    const cases: readonly (readonly [RawRequest, Refusal])[] = [
      [callback({ ...good, body: changed }), unauthenticated("CALLBACK_BAD_SIGNATURE")],
      [
        callback({ ...good, body: Buffer.concat([good.body, Buffer.from(" ")]) }),
        unauthenticated("CALLBACK_BAD_SIGNATURE"),
      ],
      [callback({ ...good, headers: without("wechatpay-timestamp") }), invalid("CALLBACK_INCOMPLETE")],
      [callback({ ...good, headers: without("wechatpay-nonce") }), invalid("CALLBACK_INCOMPLETE")],
      [callback({ ...good, headers: without("wechatpay-serial") }), invalid("CALLBACK_INCOMPLETE")],
      [
        callback({ ...good, headers: replaced("wechatpay-nonce", "another") }),
        unauthenticated("CALLBACK_BAD_SIGNATURE"),
      ],
      [callback({ ...good, headers: replaced("wechatpay-timestamp", "tomorrow") }), unauthenticated("CALLBACK_STALE")],
      [callback({ ...good, headers: replaced("wechatpay-timestamp", "0") }), unauthenticated("CALLBACK_STALE")],
      [
        callback({ ...good, headers: [...good.headers, ["wechatpay-serial", "another"]] }),
        unauthenticated("CALLBACK_UNKNOWN_SERIAL"),
      ],
      [
        callback({ ...good, headers: [...good.headers, ["wechatpay-signature", "AAAA"]] }),
        unauthenticated("CALLBACK_BAD_SIGNATURE"),
      ],
      [
        { path: "/v1/pay/callback", headers: without("content-type"), body: "{}" },
        unauthenticated("CALLBACK_BAD_SIGNATURE"),
      ],
    ];
    for (const [request, expected] of cases) await door.refuses(request, expected);
    assert.equal(await statusOf(orderId), "ORDER_STATUS_AWAITING_PAYMENT");
  });

  test("about an order that nobody placed", async () => {
    const keys = await loadOrCreateStandinKeys(join(door.data, "standin"));
    const provider = wechatProvider(standinConfiguration(keys, door.platform.standinUrl), {
      clock: systemClock,
      logger: silentLogger,
    });
    const order = {
      outTradeNo: "nobody-placed-this",
      amount: 200n,
      currency: "CNY",
      description: "tea",
      payerOpenid: "o-user",
      notifyUrl: door.recorder.url,
      expiresAt: Date.now() + 60_000,
    };
    const { prepayId } = await door.platform.process
      .runtime("test")
      .run({ name: "test" }, async (call) => provider.pay?.createOrder(order, call) ?? assert.fail("no payments"));
    provider.close();
    await door.refuses(callback(await paid(prepayId)), refusal(404, "NOT_FOUND", "UNKNOWN_PAYMENT"));
  });
});

describe("a callback that comes again", () => {
  test("is answered well and changes nothing, however often and in whatever envelope", async () => {
    const { orderId, prepayId } = await awaiting();
    const first = await paid(prepayId);
    await door.must(200, door.send(callback(first)));
    await confirmed(orderId);
    const before = await door.written();
    // A new delivery of the same event, one signed with the platform's other key, and many at once.
    await door.must(200, door.send(callback(await again(orderId))));
    await door.must(200, door.send(callback(await again(orderId, { serial: "certificate" }))));
    const more = await deliveries(orderId);
    await Promise.all(more.map((delivery) => door.must(200, door.send(callback(delivery)))));
    assert.deepEqual(await door.written(), before);
  });

  test("to the last byte is a replay and refused, however many come at once", async () => {
    const { orderId, prepayId } = await awaiting();
    const captured = await paid(prepayId);
    const copies = await Promise.all(Array.from({ length: 20 }, () => door.send(callback(captured))));
    assert.equal(copies.filter(({ status }) => status === 200).length, 1);
    await confirmed(orderId);
    await door.refuses(callback(captured), unauthenticated("CALLBACK_REPLAYED"));
  });

  test("many times at once, for the first time, is booked once", async () => {
    const { orderId, prepayId } = await awaiting();
    const all = [await paid(prepayId), ...(await deliveries(orderId))];
    const payments = async (): Promise<bigint> =>
      BigInt(
        (await door.must(200, door.get("/v1/admin/ledger", door.operator))).sums.find(
          (sum: { currency: string }) => sum.currency === "CNY",
        ).payments,
      );
    const before = await payments();
    await Promise.all(all.map((delivery) => door.must(200, door.send(callback(delivery)))));
    await confirmed(orderId);
    assert.equal(await payments(), before + 1n);
  });

  test("after the order was cancelled gives the money back", async () => {
    const { orderId, prepayId } = await awaiting();
    const late = await paid(prepayId);
    await door.must(200, door.post(`/v1/orders/${orderId}:cancel`, {}, door.user.token));
    await door.must(200, door.send(callback(late)));
    assert.equal(await statusOf(orderId), "ORDER_STATUS_CANCELLED");
    const { payments } = await door.must(200, door.get("/v1/admin/payments?pageSize=200", door.operator));
    const payment = payments.find((each: { orderId: string }) => each.orderId === orderId);
    assert.deepEqual([payment.charged.amount, payment.refunded.amount], ["200", "200"]);
  });
});
