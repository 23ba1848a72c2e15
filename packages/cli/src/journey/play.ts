import { randomUUID } from "node:crypto";
import type { ClientSession, Granted } from "../client/client-session.js";
import { expect, type Journey } from "./steps.js";

interface Money {
  readonly amount: string;
  readonly currency: string;
}

interface Order {
  readonly orderId: string;
  readonly status: string;
  readonly total: Money;
  readonly refunded: Money;
}

interface Created {
  readonly orderId: string;
  readonly order: Order;
  readonly payParameters?: { readonly package: string; readonly paySign: string };
}

type Login = Granted & { readonly userId: string; readonly newUser: boolean };

/** What the day leaves behind for what comes after it. */
export interface Day {
  /** Distinguishes the ids of this journey from those of others. */
  readonly run: string;
  readonly productId: string;
  readonly operator: ClientSession;
  readonly user: ClientSession;
  readonly userId: string;
  /** An order of the user's. */
  readonly orderId: string;
}

export const price: Money = { amount: "1999", currency: "CNY" };

/** A mini-program user's day in the shop: log in, look, order, pay, be told, change one's mind. Every answer is checked. */
export async function playJourney(journey: Journey): Promise<Day> {
  const run = randomUUID().slice(0, 8);
  const productId = `journey-${run}`;
  const openid = `o-journey-${run}`;

  const operator = await journey.step("an operator logs in", async () => {
    await journey.call(401, "POST", "/v1/auth/operator", { body: { key: "wrong" } });
    const body = { key: journey.operatorKey };
    return journey.session(await journey.call<Granted>(200, "POST", "/v1/auth/operator", { body }));
  });
  await journey.step("the shop gets a product and stock", async () => {
    const products = [{ productId, title: "Oolong tea, 250 g", price }];
    await journey.call(201, "POST", "/v1/products", { by: operator, body: { products } });
    await journey.call(201, "POST", "/v1/stock", {
      by: operator,
      body: { lines: [{ productId, quantity: "10" }], idempotencyKey: `stock-${run}` },
    });
  });

  const { user, userId } = await journey.step("a user logs in with the code of wx.login", async () => {
    const code = await journey.phone.loginCode(openid);
    const login = await journey.call<Login>(200, "POST", "/v1/auth/login", { body: { code } });
    expect("newUser", login.newUser, true);
    return { user: journey.session(login), userId: login.userId };
  });
  await journey.step("the same code does not work twice", async () => {
    const code = await journey.phone.loginCode(openid);
    await journey.call(200, "POST", "/v1/auth/login", { body: { code } });
    await journey.call(401, "POST", "/v1/auth/login", { body: { code } });
  });
  await journey.step("the user looks at products", async () => {
    await journey.call(200, "GET", "/v1/products?pageSize=5");
    const product = await journey.call<{ price: Money }>(200, "GET", `/v1/products/${productId}`);
    expect("price", product.price, price);
    await journey.call(401, "GET", "/v1/orders");
  });
  await journey.step("the user allows messages", async () => {
    for (const event of ["confirmed", "refunded", "cancelled"])
      await journey.phone.allowMessages(openid, `tpl-order-${event}`, 5);
  });
  const stock = async (): Promise<string> =>
    (await journey.call<{ available: string }>(200, "GET", `/v1/stock/${productId}:check?quantity=1`)).available;
  const order = (orderId: string): Promise<Order> => journey.call(200, "GET", `/v1/orders/${orderId}`, { by: user });
  const create = (status: number, quantity: string, paymentMethod: string, idempotencyKey: string): Promise<Created> =>
    journey.call(status, "POST", "/v1/orders", {
      by: user,
      body: { lines: [{ productId, quantity, unitPrice: price }], paymentMethod, idempotencyKey },
    });

  await journey.step("an order without money in the wallet fails", async () => {
    await create(400, "1", "PAYMENT_METHOD_WALLET", `poor-${run}`);
    expect("stock", await stock(), "10");
  });
  await journey.step("the wallet is topped up", async () => {
    const body = { amount: { amount: "10000", currency: "CNY" }, idempotencyKey: run };
    await journey.call(201, "POST", `/v1/wallets/${userId}:topUp`, { by: operator, body });
    await journey.call(201, "POST", `/v1/wallets/${userId}:topUp`, { by: operator, body });
  });
  const first = await journey.step("an order is charged from the wallet at once", async () => {
    const created = await create(201, "2", "PAYMENT_METHOD_WALLET", `wallet-${run}`);
    expect("status", created.order.status, "ORDER_STATUS_CONFIRMED");
    expect("total", created.order.total, { amount: "3998", currency: "CNY" });
    expect("stock", await stock(), "8");
    return created.orderId;
  });
  await journey.step("the same idempotency key gives the same order", async () => {
    const again = await create(201, "2", "PAYMENT_METHOD_WALLET", `wallet-${run}`);
    expect("order id", again.orderId, first);
    await create(409, "3", "PAYMENT_METHOD_WALLET", `wallet-${run}`);
    expect("stock", await stock(), "8");
  });
  const second = await journey.step("an order waits for its payment", async () => {
    const created = await create(201, "1", "PAYMENT_METHOD_PAY_ORDER", `pay-${run}`);
    expect("status", created.order.status, "ORDER_STATUS_AWAITING_PAYMENT");
    return created;
  });
  await journey.step("the user pays; the signed callback confirms the order", async () => {
    const prepayId = (second.payParameters?.package ?? "").replace("prepay_id=", "");
    expect("callback status", await journey.phone.pay(prepayId), 200);
    await journey.eventually(
      "confirmation",
      () => order(second.orderId),
      ({ status }) => status === "ORDER_STATUS_CONFIRMED",
    );
    expect("stock", await stock(), "7");
  });
  await journey.step("a repeated callback changes nothing", async () => {
    expect("callback status", await journey.phone.repeatCallback(second.orderId), 200);
    expect("refunded", (await order(second.orderId)).refunded.amount, "0");
  });
  await journey.step("the user is told of both orders", async () => {
    await journey.eventually(
      "two messages",
      () => journey.phone.messages(openid),
      (messages) => messages.length === 2,
    );
  });
  await journey.step("an unpaid order is cancelled and its stock is free again", async () => {
    const { orderId } = await create(201, "3", "PAYMENT_METHOD_PAY_ORDER", `cancel-${run}`);
    expect("stock", await stock(), "4");
    const cancelled = await journey.call<Order>(200, "POST", `/v1/orders/${orderId}:cancel`, { by: user, body: {} });
    expect("status", cancelled.status, "ORDER_STATUS_CANCELLED");
    expect("stock", await stock(), "7");
  });
  await journey.step("a part of the first order is refunded, then the rest", async () => {
    const refund = (body: object) =>
      journey.call<{ refund: { status: string; amount: Money } }>(201, "POST", `/v1/orders/${first}:refund`, {
        by: user,
        body,
      });
    const part = await refund({
      lines: [{ productId, quantity: "1" }],
      reason: "one too many",
      idempotencyKey: `part-${run}`,
    });
    expect("refund", part.refund.amount, price);
    expect("status", (await order(first)).status, "ORDER_STATUS_CONFIRMED");
    await refund({ idempotencyKey: `rest-${run}` });
    expect("status", (await order(first)).status, "ORDER_STATUS_REFUNDED");
    expect("stock", await stock(), "9");
    const { balances } = await journey.call<{ balances: Money[] }>(200, "GET", "/v1/wallet", { by: user });
    expect("balance", balances, [{ amount: "10000", currency: "CNY" }]);
  });
  await journey.step("the paid order is refunded through the platform", async () => {
    const body = { reason: "changed my mind", idempotencyKey: `platform-${run}` };
    await journey.call(201, "POST", `/v1/orders/${second.orderId}:refund`, { by: user, body });
    expect("status", (await order(second.orderId)).status, "ORDER_STATUS_REFUNDED");
    expect("stock", await stock(), "10");
  });
  await journey.step("somebody else does not see the orders", async () => {
    const code = await journey.phone.loginCode(`o-other-${run}`);
    const other = journey.session(await journey.call<Login>(200, "POST", "/v1/auth/login", { body: { code } }));
    await journey.call(404, "GET", `/v1/orders/${first}`, { by: other });
    await journey.call(403, "GET", "/v1/admin/orders", { by: other });
  });
  await journey.step("answers come in the envelope that a client asks for", async () => {
    const wrapped = await journey.call(200, "GET", `/v1/products/${productId}`, { headers: { "x-envelope": "code0" } });
    expect("code", wrapped.code, 0);
  });
  return { run, productId, operator, user, userId, orderId: first };
}
