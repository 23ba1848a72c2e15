import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { acceptedForms, bodyCases } from "./body-cases.fixture.js";
import { checkRefusal, Door, type RawRequest, type Refusal } from "./door.fixture.js";
import { goodOrder, invalid, many, orderCases } from "./order-cases.fixture.js";
import { tokenCases } from "./token-cases.fixture.js";

let door: Door;
before(async () => {
  door = await Door.open();
});
after(() => door.close());

const asUser = (): readonly [string, string] => ["Authorization", `Bearer ${door.user.token}`];
const order = (body: unknown): RawRequest => ({ path: "/v1/orders", headers: [asUser()], body });

describe("an order is refused, and nothing is written, for", () => {
  for (const [what, body, refusal] of orderCases) {
    test(what, () => door.refuses(order(body), refusal));
  }
});

describe("a body is refused, and nothing is written, for", () => {
  for (const [what, { headers = [], ...request }, refusal] of bodyCases) {
    test(what, () => door.refuses({ path: "/v1/orders", headers: [asUser(), ...headers], ...request }, refusal));
  }
  for (const [what, body, refusal] of acceptedForms) {
    test(`what it says, when it is ${what}`, () => door.refuses(order(body), refusal));
  }
});

describe("limits are inclusive:", () => {
  const accepts = async (change: Readonly<Record<string, unknown>>): Promise<void> => {
    const created = await door.must(201, door.send(order(goodOrder(change))));
    assert.equal(created.order.status, "ORDER_STATUS_CONFIRMED");
  };

  test("a quantity of 1,000,000", () =>
    accepts({ lines: [{ productId: "rice", quantity: "1000000" }], idempotencyKey: "a" }));
  test("exactly 1000 lines", () => accepts({ lines: many(1000), idempotencyKey: "b" }));
  test("an idempotency key of 128 characters", () => accepts({ idempotencyKey: "k".repeat(128) }));
  test("a quantity that is a JSON number", () =>
    accepts({ lines: [{ productId: "tea", quantity: 1 }], idempotencyKey: "c" }));
});

describe("an idempotency key", () => {
  const reused: Refusal = { status: 409, code: "ALREADY_EXISTS", reason: "IDEMPOTENCY_KEY_REUSED" };

  test("gives the same order for the same request, and refuses another one", async () => {
    const body = goodOrder({ idempotencyKey: "twice" });
    const { orderId } = await door.must(201, door.send(order(body)));
    const before = await door.written();
    assert.equal((await door.must(201, door.send(order(body)))).orderId, orderId);
    assert.deepEqual(await door.written(), before);
    await door.refuses(order({ ...body, lines: [{ productId: "tea", quantity: "3" }] }), reused);
    await door.refuses(order({ ...body, paymentMethod: "PAYMENT_METHOD_PAY_ORDER" }), reused);
  });

  test("belongs to its user: another user's is another one", async () => {
    const body = goodOrder({ idempotencyKey: "shared" });
    await door.topUp(door.other, "1000", "for the shared key");
    const mine = await door.must(201, door.post("/v1/orders", body, door.user.token));
    const theirs = await door.must(201, door.post("/v1/orders", body, door.other.token));
    assert.notEqual(mine.orderId, theirs.orderId);
  });

  test("may come in the header, and must then agree with the body", async () => {
    const body = goodOrder({ idempotencyKey: "in the body" });
    const headers: RawRequest["headers"] = [asUser(), ["Idempotency-Key", "in the header"]];
    await door.refuses({ path: "/v1/orders", headers, body }, invalid("idempotencyKey"));
    const { idempotencyKey: _, ...rest } = body;
    const first = await door.must(201, door.send({ path: "/v1/orders", headers, body: rest }));
    const again = await door.must(201, door.send(order({ ...rest, idempotencyKey: "in the header" })));
    assert.equal(again.orderId, first.orderId);
  });

  test("of a top-up, a refund and of stock refuses another request too", async () => {
    const { orderId } = await door.must(201, door.send(order(goodOrder())));
    const refund = (quantity: string): RawRequest => ({
      path: `/v1/orders/${orderId}:refund`,
      headers: [asUser()],
      body: { lines: [{ productId: "tea", quantity }], idempotencyKey: "the refund" },
    });
    await door.must(201, door.send(refund("1")));
    await door.refuses(refund("2"), reused);
    const asOperator: RawRequest["headers"] = [["Authorization", `Bearer ${door.operator}`]];
    const amount = { amount: "901000000000", currency: "CNY" };
    const path = `/v1/wallets/${door.user.userId}:topUp`;
    await door.refuses({ path, headers: asOperator, body: { amount, idempotencyKey: "wallet" } }, reused);
    const body = { lines: [{ productId: "tea", quantity: "1" }], idempotencyKey: "1" };
    await door.refuses({ path: "/v1/stock", headers: asOperator, body }, reused);
  });
});

describe("somebody who is not who they should be", () => {
  test("is refused, whatever the Authorization header says", async (t) => {
    for (const [what, authorization, refusal] of await tokenCases(door)) {
      const headers: RawRequest["headers"] = authorization === undefined ? [] : [["Authorization", authorization]];
      await t.test(what, () => door.refuses({ path: "/v1/orders", headers, body: goodOrder() }, refusal));
    }
  });

  const forbidden: Refusal = { status: 403, code: "PERMISSION_DENIED", reason: "ROLE_MISSING" };
  const operatorRoutes: readonly (readonly [method: string, path: string, body?: unknown])[] = [
    ["GET", "/v1/admin/orders"],
    ["GET", "/v1/admin/payments"],
    ["GET", "/v1/admin/ledger"],
    ["GET", "/v1/admin/notifications"],
    ["GET", "/v1/stock"],
    ["POST", "/v1/stock", { lines: [{ productId: "tea", quantity: "1" }], idempotencyKey: "mine" }],
    [
      "POST",
      "/v1/products",
      { products: [{ productId: "mine", title: "Mine", price: { amount: "1", currency: "CNY" } }] },
    ],
    ["PUT", "/v1/products/tea/price", { amount: "1", currency: "CNY" }],
    ["POST", "/v1/wallets/me:topUp", { amount: { amount: "1", currency: "CNY" }, idempotencyKey: "mine" }],
  ];
  for (const [method, path, body] of operatorRoutes) {
    test(`a user at ${method} ${path}`, () => door.refuses({ method, path, headers: [asUser()], body }, forbidden));
  }

  test("an operator is no user", () => {
    const headers: RawRequest["headers"] = [["Authorization", `Bearer ${door.operator}`]];
    return door.refuses({ path: "/v1/orders", headers, body: goodOrder() }, forbidden);
  });

  test("somebody else's order looks as if it did not exist", async () => {
    const { orderId } = await door.must(201, door.send(order(goodOrder())));
    const headers: RawRequest["headers"] = [["Authorization", `Bearer ${door.other.token}`]];
    const unknown: Refusal = { status: 404, code: "NOT_FOUND", reason: "UNKNOWN_ORDER" };
    for (const id of [orderId, "no-such-order"]) {
      await door.refuses({ method: "GET", path: `/v1/orders/${id}`, headers }, unknown);
      await door.refuses({ path: `/v1/orders/${id}:cancel`, headers, body: {} }, unknown);
      await door.refuses(
        { path: `/v1/orders/${id}:refund`, headers, body: { idempotencyKey: `theft ${id}` } },
        unknown,
      );
    }
    const { orders } = await door.must(200, door.get("/v1/orders?pageSize=200", door.other.token));
    assert.ok(orders.every((each: { orderId: string }) => each.orderId !== orderId));
  });

  test("methods that are not for the outside are not there", async () => {
    const gone: Refusal = { status: 404, code: "NOT_FOUND", reason: "ROUTE_NOT_FOUND" };
    for (const path of [
      "/inventory.v1.InventoryService/Release",
      "/payment.v1.PaymentService/Refund",
      "/v1/reservations",
    ]) {
      await door.refuses({ path, headers: [asUser()], body: {} }, gone);
    }
    await door.refuses(
      { method: "DELETE", path: "/v1/orders", headers: [asUser()] },
      { status: 405, code: "UNIMPLEMENTED", reason: "METHOD_NOT_ALLOWED" },
    );
  });
});

describe("headers that speak of inner things", () => {
  const tricks = (): readonly (readonly [string, string])[] => [
    ["x-sampan-user", door.other.userId],
    ["x-sampan-user-id", door.other.userId],
    ["x-sampan-subject", door.other.userId],
    ["x-sampan-roles", "operator"],
    ["x-sampan-tenant", "somebody-else"],
    ["x-sampan-peer", "spiffe://sampan/ns/default/sa/order"],
    ["x-tenant", "somebody-else"],
    ["tenant", "somebody-else"],
    ["x-user-id", door.other.userId],
    ["baggage", "tenant=somebody-else"],
  ];

  test("change nothing for a user", async () => {
    const path = "/v1/users/me";
    const plain = await door.must(200, door.send({ method: "GET", path, headers: [asUser()] }));
    assert.equal(plain.userId, door.user.userId);
    assert.deepEqual(await door.must(200, door.send({ method: "GET", path, headers: [asUser(), ...tricks()] })), plain);
  });

  test("let nobody in, and give nobody a role", async () => {
    await door.refuses(
      { method: "GET", path: "/v1/users/me", headers: tricks() },
      { status: 401, code: "UNAUTHENTICATED", reason: "TOKEN_MISSING" },
    );
    await door.refuses(
      { method: "GET", path: "/v1/admin/ledger", headers: [asUser(), ...tricks()] },
      { status: 403, code: "PERMISSION_DENIED", reason: "ROLE_MISSING" },
    );
  });

  test("a second Authorization header does not count, whoever it names", async () => {
    const path = "/v1/admin/ledger";
    const headers: RawRequest["headers"] = [asUser(), ["Authorization", `Bearer ${door.operator}`]];
    const answer = await door.send({ method: "GET", path, headers });
    assert.ok(answer.status === 401 || answer.status === 403, String(answer.status));
    const { reason } = answer.body.details[0];
    checkRefusal(answer, { status: answer.status, code: answer.body.status, reason });
  });
});
