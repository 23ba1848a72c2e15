import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { create } from "@bufbuild/protobuf";
import { OrderStatus, PaymentMethod } from "@sampan/contracts/order/v1/order_pb.js";
import { Code, detail, RpcError } from "@sampan/core";
import { ErrorInfoSchema } from "@sampan/protos/google/rpc/error_details_pb.js";
import { openShop, price, refused, type Shop } from "./shop.fixture.js";

let shop: Shop;
before(async () => {
  shop = await openShop();
});
after(() => shop.close());

const notReserved = new RpcError(Code.NotFound, "there is no reservation", {
  details: [detail(ErrorInfoSchema, create(ErrorInfoSchema, { reason: "UNKNOWN_RESERVATION", domain: "inventory" }))],
});

/** Starts a test with nothing said or planned. */
function fresh(): Shop {
  shop.neighbours.calls.length = 0;
  shop.neighbours.before.clear();
  return shop;
}

const payOrder = { paymentMethod: PaymentMethod.PAY_ORDER };
const statusOf = (orderId: string) =>
  shop.as("u", async (orders) => (await orders.getOrder({ orderId })).order?.status);
const refuse = (name: string, error: RpcError) =>
  shop.neighbours.before.set(name, () => {
    throw error;
  });

describe("placing an order", () => {
  test("from the wallet: reserves, charges and confirms, in this order, and tells", async () => {
    const { neighbours, events, order, until } = fresh();
    const orderId = await order("wallet");
    await until(orderId, OrderStatus.CONFIRMED);
    assert.deepEqual(neighbours.calls, ["reserve", "charge", "confirm"]);
    assert.ok(events.includes(`${orderId}/confirmed`) || (await soon(() => events.includes(`${orderId}/confirmed`))));
  });

  test("under one key gives one order, and another request under it is refused", async () => {
    const { order, neighbours } = fresh();
    const orderId = await order("one key");
    assert.equal(await order("one key"), orderId);
    assert.equal(neighbours.calls.filter((call) => call === "charge").length, 1);
    await assert.rejects(
      order("one key", { lines: [{ productId: "tea", quantity: 3n }] }),
      refused("IDEMPOTENCY_KEY_REUSED"),
    );
  });

  test("ten times at once under one key gives one order", async () => {
    const { order, neighbours } = fresh();
    const ids = await Promise.all(Array.from({ length: 10 }, () => order("at once")));
    assert.equal(new Set(ids).size, 1);
    assert.equal(neighbours.calls.filter((call) => call === "charge").length, 1);
  });

  test("whose reservation was put off makes up for it before it confirms, and waits while it is not there", async () => {
    const { neighbours, order, wait } = fresh();
    const { calls } = neighbours;
    const times = (name: string): number => calls.filter((call) => call === name).length;
    neighbours.before.set("confirm", () => {
      // As the inventory says it; until it has heard of the reservation for the third time.
      if (times("reserve") < 3 || times("confirm") < 4) throw notReserved;
    });
    const placed = order("put off");
    await wait("the confirmation", () => times("confirm") === 4);
    await placed;
    const again = ["confirm", "reserve", "confirm"];
    assert.deepEqual(calls, ["reserve", "charge", ...again, ...again]);
  });

  test("that the wallet refuses undoes everything, says why, and says it again", async () => {
    const { order, neighbours } = fresh();
    refuse("charge", new RpcError(Code.FailedPrecondition, "no money"));
    for (let i = 0; i < 2; i++) await assert.rejects(order("poor"), refused("ORDER_FAILED"));
    assert.deepEqual(neighbours.calls, ["reserve", "charge", "voidPayment", "release"]);
  });

  test("tries again what may work later", async () => {
    const { order, neighbours, wait } = fresh();
    let failures = 3;
    neighbours.before.set("charge", () => {
      if (failures-- > 0) throw new RpcError(Code.Unavailable, "busy");
    });
    const placed = order("patient");
    await wait("the charge", () => neighbours.calls.includes("confirm"));
    assert.equal(await statusOf(await placed), OrderStatus.CONFIRMED);
    assert.equal(neighbours.calls.filter((call) => call === "charge").length, 4);
  });

  test("with a payment method that no contract names is refused before anything happens", async () => {
    const { order, neighbours } = fresh();
    await assert.rejects(order("gold", { paymentMethod: 99 as PaymentMethod }), refused("INVALID_REQUEST"));
    assert.deepEqual(neighbours.calls, []);
  });

  test("names the user's own price when it is not today's", async () => {
    const { order } = fresh();
    const lines = [{ productId: "tea", quantity: 1n, unitPrice: price(99n) }];
    await assert.rejects(order("old price", { lines }), refused("PRICE_CHANGED"));
    await assert.rejects(
      order("ghost", { lines: [{ productId: "ghost", quantity: 1n }] }),
      refused("UNKNOWN_PRODUCTS"),
    );
  });
});

describe("an order that waits for its payment", () => {
  test("is confirmed when it was paid", async () => {
    const { order, paid, until, neighbours } = fresh();
    const orderId = await order("paid", payOrder);
    assert.equal(await statusOf(orderId), OrderStatus.AWAITING_PAYMENT);
    await paid(orderId);
    await until(orderId, OrderStatus.CONFIRMED);
    assert.deepEqual(neighbours.calls, ["reserve", "createPayOrder", "confirm"]);
  });

  test("gives the pay parameters again to who lost them", async () => {
    const { as } = fresh();
    const request = { lines: [{ productId: "tea", quantity: 2n }], ...payOrder, idempotencyKey: "lost" };
    const first = await as("u", (orders) => orders.createOrder(request));
    const again = await as("u", (orders) => orders.createOrder(request));
    assert.equal(again.payParameters?.package, "prepay_id=wx1");
    assert.deepEqual(again.payParameters?.clientParameters, { tradeNO: "2026" });
    assert.deepEqual(again.payParameters, first.payParameters);
    // So that it does not expire in the middle of another test.
    await as("u", (orders) => orders.cancelOrder({ orderId: first.orderId }));
  });

  test("expires on the second, and frees the stock and the payment", async () => {
    const { order, clock, until, neighbours, as } = fresh();
    const orderId = await order("slow", payOrder);
    const expiresAt = await as(
      "u",
      async (orders) => Number((await orders.getOrder({ orderId })).order?.expiresAt?.seconds) * 1000,
    );
    assert.ok(expiresAt - clock.now() >= 900_000 && expiresAt - clock.now() <= 901_000);
    await clock.advance(expiresAt - clock.now() - 1);
    assert.equal(await statusOf(orderId), OrderStatus.AWAITING_PAYMENT);
    await clock.advance(1);
    await until(orderId, OrderStatus.EXPIRED);
    assert.deepEqual(neighbours.calls, ["reserve", "createPayOrder", "voidPayment", "release"]);
  });

  test("that could not be prepared before it expired is expired, and the platform is not asked for it any more", async () => {
    // As after a stop of the platform, or of ours, that was longer than the payment window.
    const hasty = await openShop(1000);
    let failures = 6;
    hasty.neighbours.before.set("reserve", () => {
      if (failures-- > 0) throw new RpcError(Code.Unavailable, "the inventory is away");
    });
    const placed = hasty.order("too long", payOrder);
    await hasty.wait("the end", () => hasty.neighbours.calls.includes("release"));
    await hasty.until(await placed, OrderStatus.EXPIRED);
    assert.ok(!hasty.neighbours.calls.includes("createPayOrder"));
    await hasty.close();
  });

  test("can be cancelled, again and again, and is not paid any more then", async () => {
    const { order, as, paid, neighbours } = fresh();
    const orderId = await order("cancelled", payOrder);
    for (let i = 0; i < 2; i++) {
      const { order: cancelled } = await as("u", (orders) => orders.cancelOrder({ orderId }));
      assert.equal(cancelled?.status, OrderStatus.CANCELLED);
    }
    await paid(orderId);
    await shop.clock.advance(1000);
    assert.equal(await statusOf(orderId), OrderStatus.CANCELLED);
    assert.deepEqual(neighbours.calls, ["reserve", "createPayOrder", "voidPayment", "release"]);
  });

  test("cannot be cancelled once it is confirmed, nor by somebody else", async () => {
    const { order, as } = fresh();
    const orderId = await order("bought");
    await assert.rejects(
      as("u", (orders) => orders.cancelOrder({ orderId })),
      refused("NOT_CANCELLABLE"),
    );
    await assert.rejects(
      as("thief", (orders) => orders.getOrder({ orderId })),
      refused("UNKNOWN_ORDER"),
    );
    await assert.rejects(
      as("thief", (orders) => orders.cancelOrder({ orderId })),
      refused("UNKNOWN_ORDER"),
    );
  });

  test("asks to be paid in words that a platform takes, whatever the title is", async () => {
    const { order, neighbours } = fresh();
    const descriptions: string[] = [];
    neighbours.before.set("createPayOrder", (request: { description: string }) =>
      descriptions.push(request.description),
    );
    // The hundredth UTF-16 unit of the title is the first half of a pair, and would be cut in two.
    neighbours.titles.set("tea", `${"a".repeat(99)}🍵🍵🍵`);
    const orderId = await order("emoji", {
      ...payOrder,
      lines: [1n, 2n].map((quantity) => ({ productId: "tea", quantity })),
    });
    neighbours.titles.delete("tea");
    assert.deepEqual(descriptions, [`${"a".repeat(99)}🍵 等2件`]);
    assert.equal(await statusOf(orderId), OrderStatus.AWAITING_PAYMENT);
  });
});

async function soon(holds: () => boolean): Promise<boolean> {
  await shop.wait("the event", holds, 10);
  return true;
}
