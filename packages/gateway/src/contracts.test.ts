import assert from "node:assert/strict";
import { test } from "node:test";
import type { Message } from "@bufbuild/protobuf";
import { create } from "@bufbuild/protobuf";
import { AuthService } from "@sampan/contracts/auth/v1/auth_pb.js";
import { CatalogService } from "@sampan/contracts/catalog/v1/catalog_pb.js";
import { InventoryService } from "@sampan/contracts/inventory/v1/inventory_pb.js";
import { NotificationService } from "@sampan/contracts/notification/v1/notification_pb.js";
import { OrderService } from "@sampan/contracts/order/v1/order_pb.js";
import { PaymentService } from "@sampan/contracts/payment/v1/payment_pb.js";
import { UserService } from "@sampan/contracts/user/v1/user_pb.js";
import { methods } from "@sampan/core";
import { Access } from "@sampan/protos/sampan/v1/options_pb.js";
import { worldOf } from "./testing/world.fixture.js";

const services = [
  AuthService,
  CatalogService,
  InventoryService,
  NotificationService,
  OrderService,
  PaymentService,
  UserService,
];

test("the platform's contracts compile, and none of their internal methods is routed", async () => {
  const world = await worldOf(services);
  try {
    const routed = new Set(world.gateway.routes.map((route) => route.method));
    assert.ok(routed.size > 10);
    for (const method of services.flatMap((service) => [...methods(service)])) {
      assert.equal(routed.has(method.path), method.access !== Access.INTERNAL, method.path);
    }
  } finally {
    await world.close();
  }
});

test("an order goes through, and 10,000 lines do too: how many are allowed is the contract's business", async () => {
  const received: Message[] = [];
  const world = await worldOf(services, {
    serve: (request: Message, call) => {
      received.push(request);
      return create(
        call.method?.output as never,
        { orderId: "o-1", order: { orderId: "o-1", total: { amount: 5n } } } as never,
      );
    },
  });
  const headers = { authorization: "Bearer user", "idempotency-key": "k-1" };
  try {
    const line = { productId: "tea", quantity: "2", unitPrice: { amount: 250, currency: "CNY" } };
    const order = { lines: Array.from({ length: 10_000 }, () => line), paymentMethod: "PAYMENT_METHOD_WALLET" };
    const created = await world.fetch("/v1/orders", { method: "POST", json: order, headers });
    assert.equal(created.status, 201);
    const body = (await created.json()) as { orderId: string; order: { total: { amount: string } } };
    assert.deepEqual([body.orderId, body.order.total.amount], ["o-1", "5"]);
    const request = received[0] as Message & { idempotencyKey: string; lines: { quantity: bigint }[] };
    assert.deepEqual(
      [request.idempotencyKey, request.lines.length, request.lines[9_999]?.quantity],
      ["k-1", 10_000, 2n],
    );
    const cancelled = await world.fetch("/v1/orders/o-1:cancel", { method: "POST", headers });
    assert.equal(((await cancelled.json()) as { orderId: string }).orderId, "o-1", "response_body is the order itself");
    const bad = { lines: [line, { productId: 5, quantity: "1e3" }], paymentMethod: "CASH" };
    const refused = await world.fetch("/v1/orders", { method: "POST", json: bad, headers });
    const { details } = (await refused.json()) as { details: { fieldViolations?: { field: string }[] }[] };
    assert.deepEqual(
      details.flatMap((each) => each.fieldViolations ?? []).map(({ field }) => field),
      ["lines[1].product_id", "lines[1].quantity", "payment_method"],
    );
  } finally {
    await world.close();
  }
});
