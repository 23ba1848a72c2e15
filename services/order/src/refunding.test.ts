import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { OrderStatus, RefundStatus } from "@sampan/contracts/order/v1/order_pb.js";
import { Code, RpcError } from "@sampan/core";
import { openShop, refused, type Shop } from "./shop.fixture.js";

let shop: Shop;
before(async () => {
  shop = await openShop();
});
after(() => shop.close());

/** A confirmed order of three pieces. */
async function bought(key: string): Promise<string> {
  shop.neighbours.before.clear();
  const orderId = await shop.order(key, { lines: [{ productId: "tea", quantity: 3n }] });
  await shop.until(orderId, OrderStatus.CONFIRMED);
  shop.neighbours.calls.length = 0;
  return orderId;
}

const refund = (orderId: string, idempotencyKey: string, pieces?: bigint, user = "u") =>
  shop.as(user, async (orders) => {
    const lines = pieces === undefined ? [] : [{ productId: "tea", quantity: pieces }];
    return (await orders.refundOrder({ orderId, lines, reason: "changed my mind", idempotencyKey })).refund;
  });

const orderOf = (orderId: string) => shop.as("u", async (orders) => (await orders.getOrder({ orderId })).order);

test("a part is refunded, then the rest; the pieces go back on the shelf after the money", async () => {
  const orderId = await bought("parts");
  assert.equal((await refund(orderId, "parts-1", 1n))?.amount?.amount, 100n);
  assert.equal((await orderOf(orderId))?.status, OrderStatus.CONFIRMED);
  assert.equal((await refund(orderId, "parts-2"))?.amount?.amount, 200n);
  const order = await orderOf(orderId);
  assert.deepEqual([order?.status, order?.refunded?.amount], [OrderStatus.REFUNDED, 300n]);
  assert.deepEqual(shop.neighbours.calls, ["refund", "restock", "refund", "restock"]);
});

test("the same key is the same refund, another request under it is refused", async () => {
  const orderId = await bought("keys");
  const first = await refund(orderId, "keys-1", 1n);
  assert.equal((await refund(orderId, "keys-1", 1n))?.refundId, first?.refundId);
  await assert.rejects(refund(orderId, "keys-1", 2n), refused("IDEMPOTENCY_KEY_REUSED"));
  assert.equal((await orderOf(orderId))?.refunded?.amount, 100n);
});

test("more than is left, nothing that was bought, or somebody else's order is refused", async () => {
  const orderId = await bought("too much");
  await refund(orderId, "much-1", 2n);
  await assert.rejects(refund(orderId, "much-2", 2n), refused("REFUND_TOO_MUCH"));
  await assert.rejects(refund(orderId, "much-3", 1n, "thief"), refused("UNKNOWN_ORDER"));
  await refund(orderId, "much-4", 1n);
  await assert.rejects(refund(orderId, "much-5"), refused("NOT_REFUNDABLE"));
});

test("many refunds at once never give back more than was paid", async () => {
  const orderId = await bought("at once");
  const asked = Array.from({ length: 8 }, (_, index) => refund(orderId, `once-${index}`, 1n));
  const outcomes = await Promise.allSettled(asked);
  assert.equal(outcomes.filter(({ status }) => status === "fulfilled").length, 3);
  for (const outcome of outcomes) {
    if (outcome.status === "rejected") assert.match(outcome.reason.reason, /REFUND_TOO_MUCH|NOT_REFUNDABLE/);
  }
  assert.equal((await orderOf(orderId))?.refunded?.amount, 300n);
});

test("a refund that the payment refuses frees its pieces, and another key may try again", async () => {
  const orderId = await bought("refused");
  shop.neighbours.before.set("refund", () => {
    throw new RpcError(Code.FailedPrecondition, "the platform does not want to");
  });
  await assert.rejects(refund(orderId, "refused-1"), refused("REFUND_REFUSED"));
  const order = await orderOf(orderId);
  assert.deepEqual(
    order?.refunds.map(({ status }) => status),
    [RefundStatus.FAILED],
  );
  assert.deepEqual([order?.status, order?.lines[0]?.refundedQuantity], [OrderStatus.CONFIRMED, 0n]);
  shop.neighbours.before.clear();
  assert.equal((await refund(orderId, "refused-2"))?.status, RefundStatus.DONE);
});

test("a refund without an answer is neither done nor refused: it is asked for until there is one", async () => {
  const orderId = await bought("no answer");
  let answers = false;
  shop.neighbours.before.set("refund", () => {
    if (!answers) throw new RpcError(Code.Unavailable, "the platform still works on it");
  });
  const asked = refund(orderId, "no-answer-1");
  const attempts = (): number => shop.neighbours.calls.filter((call) => call === "refund").length;
  // Far beyond the eight attempts that another step has: half a minute each, for a good while.
  await shop.wait("thirty attempts", () => attempts() > 30, 5000);
  const order = await orderOf(orderId);
  assert.deepEqual(
    order?.refunds.map(({ status }) => status),
    [RefundStatus.PENDING],
  );
  assert.equal(order?.lines[0]?.refundedQuantity, 3n, "its pieces cannot be refunded a second time meanwhile");
  answers = true;
  await shop.wait("the refund", async () => (await orderOf(orderId))?.status === OrderStatus.REFUNDED, 5000);
  assert.equal((await asked)?.status, RefundStatus.DONE);
});

test("once the money is back, putting the pieces back is tried until it works", async () => {
  const orderId = await bought("restock");
  let failures = 4;
  shop.neighbours.before.set("restock", () => {
    if (failures-- > 0) throw new RpcError(Code.FailedPrecondition, "not now");
  });
  const asked = refund(orderId, "restock-1");
  await shop.wait("the refund", async () => (await orderOf(orderId))?.status === OrderStatus.REFUNDED);
  assert.equal((await asked)?.status, RefundStatus.DONE);
  assert.deepEqual(shop.neighbours.calls, ["refund", "restock", "restock", "restock", "restock", "restock"]);
});
